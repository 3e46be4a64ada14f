import { connect } from '../connect.ts'
import type { Client, ClientOptions, ConnectionState } from '../types.ts'

/** A client that is there before its connection is, and has one while somebody holds it. */
export interface HeldClient {
  /** One object for ever: what listens to it listens to each of its connections. */
  readonly client: Client
  /**
   * Connects, unless another holder has. Returns the way to let go; the connection ends when the last one has. One that has stopped
   * by itself is made anew by the first holder after that.
   */
  hold(): () => void
}

/** The state of a client without a connection: it will have one when it is held. */
export const connecting: ConnectionState = { status: 'connecting' }

export function createHeldClient(options: () => ClientOptions): HeldClient {
  let current: Client | null = null
  let holders = 0
  let ending: ReturnType<typeof setTimeout> | undefined
  const listeners = new Set<{ readonly attach: (to: Client) => () => void; detach: () => void }>()

  function open(): Client {
    const opened = connect(options())
    current = opened
    for (const listener of listeners) {
      listener.detach()
      listener.detach = listener.attach(opened)
    }
    return opened
  }

  function hold(): () => void {
    clearTimeout(ending)
    // Not by every holder: what a page shows when it was refused would have the server asked again and again.
    if (current === null || (holders === 0 && current.state.status === 'stopped')) open()
    holders++
    return () => {
      holders--
      endSoon()
    }
  }

  /** For a call of its own, which may come after the last holder has let go. */
  function connected(): Client {
    const used = current ?? open()
    endSoon()
    return used
  }

  /** Unless somebody holds it by then: StrictMode, fast refresh and a page that replaces another let go and hold again in one go. */
  function endSoon(): void {
    clearTimeout(ending)
    if (holders === 0) ending = setTimeout(end)
  }

  function end(): void {
    current?.close()
    current = null
  }

  function listen(attach: (to: Client) => () => void): () => void {
    const listener = { attach, detach: current === null ? (): void => {} : attach(current) }
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      listener.detach()
    }
  }

  const client: Client = {
    on: (key: string, handler: Parameters<Client['on']>[1]) => listen((to) => to.on(key, handler)),
    once: (key, given) => connected().once(key, given),
    events: (given) => connected().events(given),
    get state() {
      return current?.state ?? connecting
    },
    onState: (handler) => listen((to) => to.onState(handler)),
    onReset: (handler) => listen((to) => to.onReset(handler)),
    setChannels: (channels) => connected().setChannels(channels),
    acknowledge: (event, status) => connected().acknowledge(event, status),
    close: () => current?.close(),
    // As the client's own: where Symbol.asyncDispose is missing, nobody looks for it.
    async [Symbol.asyncDispose]() {
      current?.close()
    },
  }
  return { client, hold }
}
