import { setTimeout as pause } from 'node:timers/promises'

import { eventually } from '../../support/eventually.ts'
import type { ReceivedEvent } from '../../support/stream-client.ts'
import type { Door } from './door.ts'
import { ProxiedStream, Refused } from './proxied-stream.ts'

/** A client that comes back after a break, at the same address, with the last cursor it has read. */
export class ReturningClient implements AsyncDisposable {
  readonly visits: ProxiedStream[] = []
  /** What it was told instead of a stream. */
  readonly refusals: number[] = []
  readonly #door: Door
  readonly #staying: Promise<void>
  #isOver = false

  private constructor(door: Door) {
    this.#door = door
    this.#staying = this.#stay()
  }

  /** Resolves when the first frame has come. */
  static async open(door: Door): Promise<ReturningClient> {
    const client = new ReturningClient(door)
    await eventually('the first frame', () => client.visits[0]?.cursor !== undefined)
    return client
  }

  /** Everything that came, repeats included. */
  get events(): readonly ReceivedEvent[] {
    return this.visits.flatMap(({ events }) => events)
  }

  get resets(): readonly string[] {
    return this.visits.flatMap(({ resets }) => resets)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await this.visits.at(-1)?.[Symbol.asyncDispose]()
    await this.#staying
  }

  async #stay(): Promise<void> {
    while (!this.#isOver) {
      const cursor = this.visits.findLast((visit) => visit.cursor !== undefined)?.cursor
      try {
        const stream = await ProxiedStream.ask(this.#door, cursor === undefined ? {} : { 'last-event-id': cursor })
        this.visits.push(stream)
        await eventually('an end', () => stream.isOver || this.#isOver, 600_000)
      } catch (error) {
        if (error instanceof Refused) this.refusals.push(error.status)
        await pause(20)
      }
    }
  }
}
