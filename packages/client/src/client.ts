import type { ResetReason } from '@trunkline/core'

import { createDispatcher } from './dispatcher.ts'
import { createEmitter } from './emitter.ts'
import { eventLoop } from './event-loop.ts'
import type { StreamedFrame } from './frame.ts'
import { startIdentified } from './identified.ts'
import { createKeptPlace } from './kept-place.ts'
import { createPlace } from './place.ts'
import type { Seams } from './seams.ts'
import { startShared } from './share.ts'
import type { Source } from './source.ts'
import { startStream } from './stream.ts'
import { streamUrl } from './stream-url.ts'
import type { Client, ClientOptions, ConnectionState } from './types.ts'

/** A client in given surroundings: puts what comes from its source in its place, and hands it out. */
export function createClient(options: ClientOptions, seams: Seams): Client {
  const { prefix = 'trunkline', target = globalThis.window } = options
  const { share = {}, headers, keepPlace = true } = options
  let { channels = [] } = options
  const url = streamUrl(options.endpoint)
  const place = createPlace(options.cursor)
  const dispatcher = createDispatcher(prefix, target)
  const signals = createEmitter<{ state: [ConnectionState]; reset: [{ readonly reason: ResetReason }] }>()
  const life = new AbortController()
  const tell = options.debug ? console.debug.bind(console, `[${prefix}]`) : (): void => {}
  const open: ConnectionState = {
    status: 'open',
    get cursor() {
      return place.cursor
    },
    get role() {
      return source?.role() ?? 'follower'
    },
  }
  let state: ConnectionState = { status: 'connecting' }
  /** Undefined until it is known whose page this is. */
  let source: Source | undefined

  function setState(next: ConnectionState): void {
    if (state.status === 'stopped') return
    state = next
    tell(next.status, next)
    if (next.status === 'stopped') {
      source?.close()
      life.abort(new DOMException(`Client stopped: ${next.reason}`, 'AbortError'))
    }
    signals.emit('state', next)
  }

  function onFrame(frame: StreamedFrame): void {
    // Who has a place keeps it: when the server cannot honour it, a reset follows, and a stream that breaks off before the reset
    // arrives must be told again.
    if (frame.kind === 'connected' && !place.cursor) place.advance(frame.cursor)
    if (state.status !== 'open') setState(open)
    // A listener may have closed the client.
    if (life.signal.aborted) return
    switch (frame.kind) {
      case 'connected':
        return dispatcher.fire('connected', { cursor: place.cursor })
      case 'event':
        if (!place.isNew(frame.cursor)) return tell('duplicate', frame.data)
        tell('event', frame.data)
        dispatcher.dispatch(frame.data)
        break
      case 'reset':
        // Before the listeners: one that reloads the page must not come back to the same reset.
        place.jump(frame.cursor)
        // One that says no reason is a reset all the same.
        return onReset({ reason: frame.data.reason || 'pruned' })
    }
    // After an event, not before: a page that dies or reloads in a listener gets it again.
    place.advance(frame.cursor)
  }

  function onReset(reset: { readonly reason: ResetReason }): void {
    tell('reset', reset)
    signals.emit('reset', reset)
    dispatcher.fire('reset', reset)
  }

  async function ask(method: string, to: string, cursor?: string, signal: AbortSignal | null = null): Promise<Response> {
    const sent = new Headers(await headers?.())
    if (method === 'GET') sent.set('accept', 'text/event-stream')
    if (cursor) sent.set('last-event-id', cursor)
    const response = await seams.fetch(to, { method, headers: sent, cache: 'no-store', signal })
    // Chromium keeps a socket busy until its answer was read, also where there is nothing to read.
    if (method !== 'GET') await response.text()
    return response
  }

  const { sharing } = share ? seams : {}
  startIdentified(
    { url, channels: () => channels, ask, identity: (share as { readonly identity?: string }).identity },
    { cursor: () => place.cursor, onFrame, onStatus: setState },
    place,
    keepPlace ? createKeptPlace(url, () => place.cursor, seams, tell) : undefined,
    !!sharing,
    (known, receiver) => {
      source?.close()
      source = sharing && known.identity ? startShared(known, receiver, seams, sharing) : startStream(known, receiver, seams)
      // The client may have been closed meanwhile.
      if (life.signal.aborted) source.close()
    },
  )

  const close = (): void => setState({ status: 'stopped', reason: 'closed' })

  return {
    on: dispatcher.on,
    async once(key, { signal = life.signal } = {}) {
      // The key says which type it is, and types are known at compile time only.
      for await (const event of eventLoop(dispatcher, key, [life.signal, signal])) return event as never
      throw (signal.aborted ? signal : life.signal).reason
    },
    events: ({ signal = life.signal } = {}) => eventLoop(dispatcher, '*', [life.signal, signal]),
    get state() {
      return state
    },
    // A listener that closes the client in the middle of a change has told everyone already.
    onState: (handler) => signals.on('state', (next) => next === state && handler(next)),
    onReset: (handler) => signals.on('reset', handler),
    setChannels(next) {
      channels = [...next]
      source?.refresh()
    },
    async acknowledge({ id }, status) {
      const response = await ask('POST', new URL(`acknowledge?status=${status}&id=${id}`, url).href)
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
    },
    close,
    // Where Symbol.asyncDispose is missing this is a property that nobody looks for.
    async [Symbol.asyncDispose]() {
      close()
    },
  }
}
