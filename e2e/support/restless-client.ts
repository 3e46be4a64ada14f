import { type Connection, TrunklineError } from '@trunkline/core'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { setTimeout as pause } from 'node:timers/promises'

import type { Random } from './random.ts'
import { type ReceivedEvent, type StreamSource, toEvent } from './stream-client.ts'

/**
 * A client on a train: its connection breaks again and again, at any byte, and it comes back with the last cursor it has read whole,
 * to any of the servers.
 */
export class RestlessClient implements AsyncDisposable {
  /** Everything that came, repeats included. */
  readonly received: ReceivedEvent[] = []
  readonly resets: string[] = []
  connections = 0
  readonly #seen = new Set<string>()
  readonly #sources: readonly StreamSource[]
  readonly #random: Random
  readonly #travelling: Promise<void>
  #connection: Connection | undefined
  #cursor: string | undefined
  #isOver = false

  /** Starts at the head of the log, or after a cursor. */
  constructor(sources: readonly StreamSource[], random: Random, cursor?: string) {
    this.#sources = sources
    this.#random = random
    this.#cursor = cursor
    this.#travelling = this.#travel()
  }

  /** After de-duplication by cursor: each event once, in the order in which it first came. */
  get events(): readonly ReceivedEvent[] {
    const seen = new Set<string>()
    return this.received.filter(({ cursor }) => !seen.has(cursor) && seen.add(cursor))
  }

  /** How many different events have come. */
  get count(): number {
    return this.#seen.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#connection?.close()
    await this.#travelling
  }

  async #travel(): Promise<void> {
    while (!this.#isOver) {
      const source = this.#sources[this.#random.between(0, this.#sources.length - 1)] as StreamSource
      await this.#ride(source)
      if (this.#random.chance(0.3)) await pause(this.#random.between(1, 60))
    }
  }

  async #ride(source: StreamSource): Promise<void> {
    const connection = await source.connect({ userId: null, cursor: this.#cursor }).catch((error: unknown) => {
      // What a browser would be told as 503, by a process that has just begun: it comes back later.
      if (error instanceof TrunklineError && error.code === 'store_unavailable') return null
      throw error
    })
    if (connection === null) return
    this.connections++
    this.#connection = connection
    const decoder = new TextDecoder()
    const parser = createParser({ onEvent: (frame) => this.#take(frame) })
    // Fewer bytes than a page now and then, so that even catching up is interrupted.
    let left = this.#random.between(0, 60_000)
    for await (const chunk of connection) {
      parser.feed(decoder.decode(chunk.subarray(0, left), { stream: true }))
      left -= chunk.length
      if (left <= 0 || this.#isOver) break
    }
    connection.close()
  }

  #take(frame: EventSourceMessage): void {
    this.#cursor = frame.id ?? this.#cursor
    if (frame.event === 'reset') this.resets.push(frame.data)
    if (frame.event !== undefined) return
    const event = toEvent(frame)
    this.received.push(event)
    this.#seen.add(event.cursor)
  }
}
