import type { Place } from '../cursor.ts'
import { createLimit, type Limit } from './limit.ts'
import type { Counters } from '../counters.ts'
import type { Log } from '../log.ts'
import type { Page, Position, StoreAudience } from '../ports.ts'
import type { Report } from '../report.ts'
import { backoffMs, pause } from '../time.ts'

const pageSize = 500
const maxReads = 4

/**
 * Pages of the log for clients that are behind the ring. The same page asked for by many at the same moment is one read, and only a
 * few reads run at a time, so that a thousand clients that come back at once do not fall upon the database. A read that fails is
 * tried again until it succeeds or nobody wants it any more: clients wait, their streams stay open.
 */
export class CatchUp {
  readonly #log: Log
  readonly #counters: Counters
  readonly #report: Report
  readonly #stopped: AbortSignal
  readonly #limit: Limit = createLimit(maxReads)
  readonly #underway = new Map<string, { page: Promise<Page | null>; wanted: (() => boolean)[] }>()
  #failing = false

  constructor(log: Log, { counters, report, stopped }: { counters: Counters; report: Report; stopped: AbortSignal }) {
    this.#log = log
    this.#counters = counters
    this.#report = report
    this.#stopped = stopped
  }

  /** The page after a place; null when it was given up because nobody wanted it any more. */
  read(place: Place, { userId, channels }: StoreAudience, wanted: () => boolean): Promise<Page | null> {
    const key = JSON.stringify([place, userId, channels])
    const same = this.#underway.get(key)
    if (same !== undefined) {
      same.wanted.push(wanted)
      return same.page
    }
    const asked = [wanted]
    const isWanted = (): boolean => !this.#stopped.aborted && asked.some((still) => still())
    const page = this.#limit(() => this.#attempt(place.position, { userId, channels }, isWanted)).finally(() => {
      if (this.#underway.get(key)?.page === page) this.#underway.delete(key)
    })
    this.#underway.set(key, { page, wanted: asked })
    return page
  }

  /** The log is not the one it was: nobody who asks from now on gets a page that was asked for before. */
  forget(): void {
    this.#underway.clear()
  }

  async #attempt(after: Position, audience: StoreAudience, isWanted: () => boolean): Promise<Page | null> {
    for (let attempt = 0; isWanted(); attempt++) {
      try {
        const page = await this.#log.read(after, audience, pageSize)
        this.#failing = false
        this.#counters.catchUpReads++
        return page
      } catch (error) {
        // Once per outage, not once per client.
        if (!this.#failing) this.#report(error, { stage: 'connection' })
        this.#failing = true
        await pause(backoffMs(attempt, 100, 1_000), this.#stopped)
      }
    }
    return null
  }
}
