import { createParser, type EventSourceMessage } from 'eventsource-parser'

import type { Connection } from '@trunkline/core'

/** An event as it came over the wire. */
export interface WireEvent {
  readonly id: string
  readonly type: string
  readonly detail: unknown
  readonly scope: string
  readonly channel?: string
  readonly createdAt: string
}

/** Reads a stream as a client would: frames through a parser that is not ours. */
export class StreamReader {
  readonly frames: EventSourceMessage[] = []
  readonly chunks: Uint8Array[] = []
  readonly #stream: AsyncIterator<Uint8Array>
  readonly #decoder = new TextDecoder()
  readonly #parser = createParser({ onEvent: (frame) => this.frames.push(frame) })
  ended = false

  constructor(stream: Connection) {
    this.#stream = stream
  }

  get events(): readonly WireEvent[] {
    return this.frames.filter(({ event }) => event === undefined).map(({ data }) => JSON.parse(data) as WireEvent)
  }

  get details(): readonly unknown[] {
    return this.events.map(({ detail }) => detail)
  }

  get cursor(): string | undefined {
    return this.frames.findLast(({ id }) => id !== undefined)?.id
  }

  named(name: string): readonly EventSourceMessage[] {
    return this.frames.filter(({ event }) => event === name)
  }

  async readChunk(): Promise<void> {
    const { value, done } = await this.#stream.next()
    this.ended = done === true
    if (value === undefined) return
    this.chunks.push(value)
    this.#parser.feed(this.#decoder.decode(value, { stream: true }))
  }

  /** Reads until a condition holds; fails when the stream ends first. */
  async until(condition: () => boolean): Promise<this> {
    while (!condition()) {
      if (this.ended) throw new Error(`The stream ended with ${JSON.stringify(this.frames)}`)
      await this.readChunk()
    }
    return this
  }

  /** Reads until so many events have come. */
  untilEvents(count: number): Promise<this> {
    return this.until(() => this.events.length >= count)
  }
}

/** Resolves when a condition holds. */
export async function eventually(condition: () => boolean, limitMs = 5_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Did not become true within ${limitMs} ms: ${condition.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
