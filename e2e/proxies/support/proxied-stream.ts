import type { IncomingHttpHeaders } from 'node:http'
import { createParser, type EventSourceMessage } from 'eventsource-parser'

import { eventually } from '../../support/eventually.ts'
import { type ReceivedEvent, toEvent } from '../../support/stream-client.ts'
import type { Answered, Door } from './door.ts'

const path = '/realtime/sse'

/** A stream that came through a proxy. It does not come back. */
export class ProxiedStream implements AsyncDisposable {
  readonly headers: IncomingHttpHeaders
  readonly events: ReceivedEvent[] = []
  readonly resets: string[] = []
  heartbeats = 0
  /** How many pieces have come: what was held back comes in one. */
  chunks = 0
  /** Milliseconds from the request to the first byte of the body. */
  firstByteMs: number | undefined
  /** What it would resume from. */
  cursor: string | undefined
  isOver = false
  readonly #answered: Answered
  readonly #asked: number

  private constructor(answered: Answered, asked: number) {
    this.#answered = answered
    this.#asked = asked
    this.headers = answered.headers
    const parser = createParser({ onEvent: (frame) => this.#take(frame) })
    answered.body.setEncoding('utf8').on('data', (text: string) => {
      this.firstByteMs ??= performance.now() - this.#asked
      this.chunks++
      parser.feed(text)
    })
    answered.body.once('close', () => {
      this.isOver = true
    })
  }

  /** Resolves with the head of the answer; the first frame may be held back. */
  static async ask(door: Door, headers: Readonly<Record<string, string>> = {}): Promise<ProxiedStream> {
    const asked = performance.now()
    const answered = await door.ask(path, headers)
    if (answered.status !== 200) {
      answered.leave()
      throw new Refused(answered.status)
    }
    return new ProxiedStream(answered, asked)
  }

  /** Resolves when the first frame has come: from then on nothing is missed. */
  static async open(door: Door, headers: Readonly<Record<string, string>> = {}): Promise<ProxiedStream> {
    const stream = await ProxiedStream.ask(door, headers)
    await stream.until('the first frame', () => stream.cursor !== undefined)
    return stream
  }

  get details(): readonly unknown[] {
    return this.events.map(({ detail }) => detail)
  }

  /** Reads no more: soon the sockets of all sides are full. */
  pause(): void {
    this.#answered.body.pause()
  }

  resume(): void {
    this.#answered.body.resume()
  }

  until(what: string, holds: () => boolean, limitMs?: number): Promise<true> {
    return eventually(what, holds, limitMs)
  }

  untilEvents(count: number, limitMs?: number): Promise<true> {
    return this.until(`${count} events`, () => this.events.length >= count, limitMs)
  }

  untilHeartbeats(count: number): Promise<true> {
    return this.until(`${count} heartbeats`, () => this.heartbeats >= count)
  }

  untilEnd(): Promise<true> {
    return this.until('the end of the stream', () => this.isOver)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#answered.leave()
  }

  #take(frame: EventSourceMessage): void {
    this.cursor = frame.id ?? this.cursor
    if (frame.event === 'heartbeat') this.heartbeats++
    if (frame.event === 'reset') this.resets.push(frame.data)
    if (frame.event === undefined) this.events.push(toEvent(frame))
  }
}

/** There is an answer, and it is no stream. */
export class Refused extends Error {
  readonly status: number

  constructor(status: number) {
    super(`There is no stream, but ${status}.`)
    this.status = status
  }
}

/** Opens streams, one after the other has gone, and says how they were answered. */
export async function statusesOf(door: Door, count: number): Promise<readonly number[]> {
  const statuses: number[] = []
  while (statuses.length < count) {
    const { status, leave } = await door.ask(path)
    leave()
    statuses.push(status)
  }
  return statuses
}
