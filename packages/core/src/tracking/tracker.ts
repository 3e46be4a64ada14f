import { isControl } from '../control.ts'
import { TrunklineError } from '../errors.ts'
import type { Report } from '../report.ts'
import type { Entry } from '../tail/entry.ts'
import { backoffMs, pause } from '../time.ts'
import type { Activity } from './status.ts'

/** Rows of one write. */
const batch = 1_000
/** Rows that wait. */
const maxWaiting = 100_000
/** What comes within it is written together, in milliseconds. */
const gatherMs = 100

/** What a tracker works with. */
export interface TrackerOptions {
  readonly track: (rows: readonly Activity[]) => Promise<void>
  readonly report: Report
  readonly stopped: AbortSignal
}

/**
 * Writes activities in batches, a moment later: never one write per client, and none that anyone waits for. While they cannot be
 * written they wait, up to 100,000 of them; what comes then is not kept, and said so.
 */
export class Tracker {
  readonly #options: TrackerOptions
  /** By event, user and status: one of each is enough. */
  readonly #waiting = new Map<string, Activity>()
  #working: Promise<void> | undefined
  #isFull = false

  constructor(options: TrackerOptions) {
    this.#options = options
  }

  /** These were handed to who is connected. */
  dispatched(entries: readonly Entry[]): void {
    for (const { event, source, stored } of entries) if (stored && !isControl(source)) this.note(event.id, null, 'dispatched')
  }

  /** These were written to a stream of this user. */
  sent(entries: readonly Entry[], userId: string | null): void {
    for (const { event, stored } of entries) if (stored) this.note(event.id, userId, 'sent')
  }

  note(id: string, userId: string | null, status: Activity['status']): void {
    const key = JSON.stringify([id, userId, status])
    if (this.#waiting.has(key)) return
    if (this.#waiting.size >= maxWaiting) return this.#overflow()
    this.#waiting.set(key, { id, userId, status, at: new Date().toISOString() })
    this.#working ??= this.#work().finally(() => (this.#working = undefined))
  }

  /** Resolves when all that waits is written, or given up. */
  async drain(): Promise<void> {
    await this.#working
  }

  async #work(): Promise<void> {
    const { stopped, track, report } = this.#options
    await pause(gatherMs, stopped)
    for (let attempt = 0; this.#waiting.size > 0;) {
      const rows = [...this.#waiting].slice(0, batch)
      try {
        await track(rows.map(([, row]) => row))
        for (const [key] of rows) this.#waiting.delete(key)
        this.#isFull = false
        attempt = 0
      } catch (error) {
        // Once per outage.
        if (attempt === 0) report(error, { stage: 'track' })
        if (stopped.aborted) return
        await pause(backoffMs(attempt++, 100, 5_000), stopped)
      }
    }
  }

  #overflow(): void {
    if (this.#isFull) return
    this.#isFull = true
    this.#options.report(
      new TrunklineError('overloaded', `More than ${maxWaiting} activities wait to be stored: new ones are not kept.`),
      { stage: 'track' },
    )
  }
}
