import type { Connection, ConnectOptions } from '@trunkline/core'
import { createParser, type EventSourceMessage } from 'eventsource-parser'

import { eventually } from './eventually.ts'
import { type StreamSource, toEvent } from './stream-client.ts'

/** A client that notes events and resets in the one order in which they came. Details have to be texts. */
export class Witness implements AsyncDisposable {
  /** Details of events, and `reset: <reason>`. */
  readonly seen: string[] = []
  /** The cursor at which each was seen. */
  readonly cursors = new Map<string, string>()
  /** What it would resume from. */
  cursor: string | undefined
  readonly #connection: Connection
  readonly #ended: Promise<void>

  private constructor(connection: Connection) {
    this.#connection = connection
    this.#ended = this.#read()
  }

  /** Resolves when the first frame has come: from then on nothing is missed. */
  static async open(source: StreamSource, options: ConnectOptions): Promise<Witness> {
    const witness = new Witness(await source.connect(options))
    await eventually('the first frame', () => witness.cursor !== undefined)
    return witness
  }

  /** Resolves when it has seen this. */
  async until(what: string): Promise<this> {
    await eventually(`${what} to be seen`, () => this.seen.includes(what))
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close()
    await this.#ended
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder()
    const parser = createParser({ onEvent: (frame) => this.#take(frame) })
    for await (const chunk of this.#connection) parser.feed(decoder.decode(chunk, { stream: true }))
  }

  #take(frame: EventSourceMessage): void {
    // Before a reset there is no place to resume from.
    this.cursor = frame.id ?? this.cursor ?? ''
    if (frame.event === 'reset') this.#note(`reset: ${(JSON.parse(frame.data) as { readonly reason: string }).reason}`)
    if (frame.event === undefined) this.#note(String(toEvent(frame).detail))
  }

  #note(what: string): void {
    this.seen.push(what)
    this.cursors.set(what, this.cursor ?? '')
  }
}
