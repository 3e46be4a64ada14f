import type { Connectable, Connection, ConnectOptions } from '@trunkline/core'
import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** An event as it came over the wire. */
export interface ReceivedEvent {
  readonly cursor: string
  readonly id: string
  readonly type: string
  readonly detail: unknown
  /** The frame's data, byte for byte. */
  readonly data: string
}

/** What there is to read from: a trunkline, or one that is chosen anew for each connection. */
export type StreamSource = Pick<Connectable, 'connect'>

/** A client that reads all the time, through a parser that is not ours. It does not come back when its stream ends. */
export class StreamClient implements AsyncDisposable {
  readonly events: ReceivedEvent[] = []
  /** Data of the `reset` frames. A test in which nothing may be lost expects none. */
  readonly resets: string[] = []
  /** What it would resume from: the last id of any frame. */
  cursor: string | undefined
  readonly #connection: Connection
  readonly #waiting = new Set<() => void>()
  readonly #ended: Promise<void>
  #isOver = false

  private constructor(connection: Connection) {
    this.#connection = connection
    this.#ended = this.#read()
  }

  /** Resolves when the first frame has come: from then on nothing is missed. */
  static async open(source: StreamSource, options: Partial<ConnectOptions> = {}): Promise<StreamClient> {
    const client = new StreamClient(await source.connect({ userId: null, ...options }))
    await client.until('the first frame', () => client.cursor !== undefined)
    return client
  }

  get details(): readonly unknown[] {
    return this.events.map(({ detail }) => detail)
  }

  /** Resolves when a condition holds; it is looked at whenever something has come. */
  until(what: string, holds: () => boolean, limitMs = 20_000): Promise<this> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
      }
      const look = (): void => {
        if (holds()) {
          stop()
          resolve(this)
        } else if (this.#isOver) {
          stop()
          reject(new Error(`The stream ended before: ${what}. It has brought ${this.events.length} events.`))
        }
      }
      const timer = setTimeout(() => {
        stop()
        reject(new Error(`Not within ${limitMs} ms: ${what}. The stream has brought ${this.events.length} events.`))
      }, limitMs)
      this.#waiting.add(look)
      look()
    })
  }

  /** Resolves when so many events have come. */
  untilEvents(count: number, limitMs?: number): Promise<this> {
    return this.until(`${count} events`, () => this.events.length >= count, limitMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close()
    await this.#ended
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder()
    const parser = createParser({ onEvent: (frame) => this.#take(frame) })
    for await (const chunk of this.#connection) {
      parser.feed(decoder.decode(chunk, { stream: true }))
      this.#look()
    }
    this.#isOver = true
    this.#look()
  }

  #take(frame: EventSourceMessage): void {
    this.cursor = frame.id ?? this.cursor
    if (frame.event === 'reset') this.resets.push(frame.data)
    if (frame.event === undefined) this.events.push(toEvent(frame))
  }

  #look(): void {
    for (const look of this.#waiting) look()
  }
}

/** An event frame as the event it carries. */
export function toEvent({ id = '', data }: EventSourceMessage): ReceivedEvent {
  const { id: eventId, type, detail } = JSON.parse(data) as Omit<ReceivedEvent, 'cursor' | 'data'>
  return { cursor: id, id: eventId, type, detail, data }
}
