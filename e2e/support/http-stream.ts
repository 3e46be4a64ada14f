import { once } from 'node:events'
import { get, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { createParser, type EventSourceMessage } from 'eventsource-parser'

import { eventually } from './eventually.ts'
import { type ReceivedEvent, toEvent } from './stream-client.ts'

/** A stream over a socket of its own, as a browser has it, that reads as long as the test lets it. It does not come back. */
export class HttpStream implements AsyncDisposable {
  readonly events: ReceivedEvent[] = []
  /** Data of the `reset` frames. */
  readonly resets: string[] = []
  /** The reason of the `goodbye` frame, once it has come. */
  goodbye: string | undefined
  /** What the last `retry:` asked for. */
  retryMs: number | undefined
  /** What it would resume from. */
  cursor: string | undefined
  /** When the answer ended or was cut, by performance.now(). */
  endedAt: number | undefined
  readonly #response: IncomingMessage

  private constructor(response: IncomingMessage) {
    this.#response = response
    const parser = createParser({
      onEvent: (frame) => this.#take(frame),
      onRetry: (ms) => {
        this.retryMs = ms
      },
    })
    response.setEncoding('utf8').on('data', (text: string) => parser.feed(text))
    response.on('close', () => {
      this.endedAt = performance.now()
    })
    // A test that ends with the stream open cuts it off.
    response.on('error', () => {})
  }

  /** Resolves when the first frame has come: from then on nothing is missed. */
  static async open(url: string, headers: OutgoingHttpHeaders = {}): Promise<HttpStream> {
    const request = get(url, { agent: false, headers })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    request.on('error', () => {})
    if (response.statusCode !== 200) {
      request.destroy()
      throw new Error(`There is no stream at ${url}, but ${response.statusCode}.`)
    }
    const stream = new HttpStream(response)
    await stream.until('the first frame', () => stream.cursor !== undefined)
    return stream
  }

  get details(): readonly unknown[] {
    return this.events.map(({ detail }) => detail)
  }

  /** Reads no more: soon the sockets of both sides are full. */
  pause(): void {
    this.#response.pause()
  }

  resume(): void {
    this.#response.resume()
  }

  until(what: string, holds: () => boolean, limitMs?: number): Promise<true> {
    return eventually(what, holds, limitMs)
  }

  untilEvents(count: number, limitMs?: number): Promise<true> {
    return this.until(`${count} events`, () => this.events.length >= count, limitMs)
  }

  /** Resolves when the server has ended it. */
  untilEnd(limitMs?: number): Promise<true> {
    return this.until('the end of the stream', () => this.endedAt !== undefined, limitMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#response.destroy()
    await this.untilEnd()
  }

  #take(frame: EventSourceMessage): void {
    // Before a reset there is no place to resume from.
    this.cursor = frame.id ?? this.cursor ?? ''
    if (frame.event === 'reset') this.resets.push(frame.data)
    if (frame.event === 'goodbye') this.goodbye = (JSON.parse(frame.data) as { readonly reason: string }).reason
    if (frame.event === undefined) this.events.push(toEvent(frame))
  }
}

/** What a server answers to a stream's request, when that is no stream. */
export async function statusOf(url: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const response = await fetch(url, { headers })
  await response.body?.cancel()
  return response.status
}
