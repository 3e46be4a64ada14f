import type { ModelBrowser, ModelTab } from './model-browser.ts'
import { connected, control, cursor, event } from './support.ts'

const heartbeatMs = 1_000

interface Stream {
  readonly tab: ModelTab
  readonly channels: readonly string[]
  readonly send: (text: string) => void
  readonly end: () => void
}

/** A server for the tabs of a {@link ModelBrowser}: a log, and streams from any place in it. */
export class ModelServer {
  /** The channel of each event; empty for one that is everybody's. The first is at position 1. */
  readonly log: string[] = []
  readonly streams = new Set<Stream>()
  isUp = true
  readonly #browser: ModelBrowser
  readonly #delay: () => number
  #floor = 0

  constructor(browser: ModelBrowser, random: () => number) {
    this.#browser = browser
    this.#delay = () => Math.floor(random() ** 4 * 100)
    const beat = (): void => {
      for (const { send } of this.streams) send(control('heartbeat', cursor(this.log.length)))
      browser.after(heartbeatMs, beat)
    }
    beat()
  }

  publish(channel: string): void {
    const position = this.log.push(channel)
    for (const stream of this.streams) this.#pass(stream, position)
  }

  /** Forgets what was published so far. */
  prune(): void {
    this.#floor = this.log.length
  }

  /** Whoever was at the other end is gone. */
  drop(tab: ModelTab): void {
    for (const stream of this.streams) if (stream.tab === tab) this.streams.delete(stream)
  }

  cut(): void {
    for (const { end } of this.streams) end()
  }

  fetch(tab: ModelTab, url: string, { method, headers, signal }: RequestInit): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    this.#browser.after(this.#delay(), () => {
      if (!this.isUp) return tab.soon(() => reject(new TypeError('fetch failed')))
      if (method === 'HEAD') return tab.soon(() => resolve(new Response(null, { headers: { 'trunkline-identity': 'i' } })))
      const channels = new URL(url).searchParams.getAll('channel')
      const refused = channels.includes('closed') ? 403 : channels.length > 10 ? 400 : 0
      if (refused) return tab.soon(() => resolve(new Response(null, { status: refused })))
      return this.#open(tab, channels, new Headers(headers).get('last-event-id'), signal as AbortSignal, resolve)
    })
    signal?.addEventListener('abort', () => reject(signal.reason as Error))
    return promise
  }

  #open(
    tab: ModelTab,
    channels: readonly string[],
    from: string | null,
    signal: AbortSignal,
    resolve: (response: Response) => void,
  ): void {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined
    let isOver = false
    let last = 0
    // Everything of one stream comes in order.
    const later = (task: () => void): void => {
      last = Math.max(last, this.#browser.time + this.#delay())
      tab.soon(() => isOver || task(), last - this.#browser.time)
    }
    const stream: Stream = {
      tab,
      channels,
      send: (text) => later(() => controller?.enqueue(new TextEncoder().encode(text))),
      end: () => {
        this.streams.delete(stream)
        later(() => {
          isOver = true
          controller?.error(new TypeError('network error'))
        })
      },
    }
    if (signal.aborted || tab.isGone) return
    signal.addEventListener('abort', () => {
      isOver = true
      this.streams.delete(stream)
    })
    const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) })
    later(() => resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } })))
    this.streams.add(stream)
    const start = from === null ? this.log.length : parseInt(from.split('.')[1] ?? '', 36)
    const isLost = start < this.#floor
    stream.send(connected(isLost ? null : cursor(start), heartbeatMs))
    if (isLost) stream.send(control('reset', cursor(this.log.length), { reason: 'pruned' }))
    else for (let position = start + 1; position <= this.log.length; position++) this.#pass(stream, position)
  }

  #pass({ channels, send }: Stream, position: number): void {
    const channel = this.log[position - 1] as string // it was published
    if (channel !== '' && !channels.includes(channel)) return
    send(event(cursor(position), 'count', { position }, channel))
  }
}
