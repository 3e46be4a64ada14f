import { type NewEvent, type Placed, TrunklineError } from '@trunkline/core'
import { type RawBuilder, sql } from 'kysely'

import type { Deployment } from './deployment.ts'
import { isTransient } from './errors.ts'
import { toJson } from './event-rows.ts'
import { pause } from './pause.ts'

/** Callers who wait for their turn. Core's publisher is one caller; more than this is a loop without an await. */
const maxWaiting = 1_000

/**
 * What append() answers: the head before it, when its events were created, and their places: all in a row, or one by one, the position
 * or where the key's first event is.
 */
type Answer = { readonly epoch: string; readonly after: number; readonly at: string } & (
  | { readonly first: number; readonly count: number }
  | { readonly places: readonly (number | readonly [position: number, id: string])[] }
)

/**
 * Writes the log, for one process: one call at a time, each with a number. An answer that was lost, or a connection that went away,
 * is followed by the same call with the same number, and the database does not write it twice.
 */
export class Appender {
  readonly #deployment: Deployment
  readonly #publisher = crypto.randomUUID()
  #calls = 0
  #waiting = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(deployment: Deployment) {
    this.#deployment = deployment
  }

  append(events: readonly NewEvent[]): Promise<readonly Placed[]> {
    if (events.length === 0) return Promise.resolve([])
    if (this.#waiting >= maxWaiting) {
      return Promise.reject(
        new TrunklineError('overloaded', `${maxWaiting} calls of append wait for their turn. Await some of them first.`),
      )
    }
    this.#waiting++
    const work = this.#turn.then(() => this.#write(events))
    this.#turn = work
      .catch(() => {
        // Told to its caller; the next one's turn comes all the same.
      })
      .finally(() => this.#waiting--)
    return work
  }

  /** Resolves when nothing is in flight. */
  async drain(): Promise<void> {
    await this.#turn
  }

  async #write(events: readonly NewEvent[]): Promise<readonly Placed[]> {
    const { timings } = this.#deployment
    const query = this.#query(toJson(events))
    const deadline = Date.now() + timings.appendDeadlineMs
    for (let attempt = 0; ; attempt++) {
      try {
        const { answer } = await this.#deployment.one(query, { timeoutMs: timings.appendMs })
        return toPlaces(events, JSON.parse(answer) as Answer)
      } catch (error) {
        const wait = Math.min(50 * 2 ** attempt, 1_000) * (0.5 + Math.random() / 2)
        if (!isTransient(error) || Date.now() + wait >= deadline) throw error
        await pause(wait)
      }
    }
  }

  #query(json: string): RawBuilder<{ readonly answer: string }> {
    const { inline } = this.#deployment
    const call = String(++this.#calls)
    return sql`select ${this.#deployment.name('append')}(${this.#publisher}::text, ${call}::text::bigint, ${json}::text, ${inline}) as answer`
  }
}

function toPlaces(events: readonly NewEvent[], answer: Answer): readonly Placed[] {
  const { epoch, at: createdAt } = answer
  let { after } = answer
  return events.map(({ id }, index) => {
    const place = 'first' in answer ? answer.first + index : answer.places[index]
    if (place === undefined) throw new Error('append() answered fewer places than there were events.')
    if (typeof place !== 'number') return { position: place[0], id: place[1], duplicate: true, epoch }
    const placed = { position: place, id, duplicate: false, epoch, after, createdAt }
    after = place
    return placed
  })
}
