import { sql } from 'kysely'

import type { Deployment } from './deployment.ts'

/** Transactions whose end is waited for. Beyond this the sweeps of the listening processes find their events, within a second. */
const maxPending = 10_000
/** Asked about in one statement. */
const maxAsked = 500
/** Moved in one statement, which holds the lock. */
export const maxRelayed = 1_000

/** How many times as long as a question took the pause after it may be. */
const maxRest = 12

/** What settle() answers: transactions still open, and those that are over with more in the outbox than one batch takes. */
interface Settled {
  readonly open: readonly string[]
  readonly more: readonly string[]
}

/** What a driver tells its surroundings: whether relaying works. */
export interface RelayReport {
  failed(error: unknown): void
  worked(): void
}

/**
 * Moves the events of this process's transactions into the log once they have committed. It knows their ids and asks for them: soon at
 * first, then less and less often. When it fails nothing is lost: it goes on, and every listening process sweeps.
 */
export class RelayDriver {
  readonly #deployment: Deployment
  readonly #report: RelayReport
  readonly #pending = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #dueAt = 0
  #pauseMs: number
  /** When the next question may be asked at the earliest. */
  #restUntil = 0
  #settling: Promise<void> | undefined
  #closed = false

  constructor(deployment: Deployment, report: RelayReport) {
    this.#deployment = deployment
    this.#report = report
    this.#pauseMs = deployment.timings.settleMs[0]
  }

  /** Takes charge of a transaction that has put events into the outbox. */
  watch(xid: string): void {
    if (this.#closed || this.#pending.size >= maxPending) return
    this.#pending.add(xid)
    this.#pauseMs = this.#deployment.timings.settleMs[0]
    this.#schedule()
  }

  /** Asks a last time, and stops. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#settling
    if (this.#pending.size > 0) await this.#settle()
  }

  #schedule(): void {
    if (this.#settling !== undefined || this.#pending.size === 0 || this.#closed) return
    const now = performance.now()
    const dueAt = Math.max(now + this.#pauseMs, this.#restUntil)
    // Only ever brought forward: put off by each transaction that comes, it would never fire under load.
    if (this.#timer !== undefined && this.#dueAt <= dueAt) return
    clearTimeout(this.#timer)
    this.#dueAt = dueAt
    // A script may end before it fires: the event is committed, and others sweep.
    this.#timer = setTimeout(() => this.#ring(), dueAt - now).unref()
  }

  #ring(): void {
    this.#timer = undefined
    this.#settling = this.#settle().finally(() => {
      this.#settling = undefined
      this.#schedule()
    })
  }

  async #settle(): Promise<void> {
    const [fromMs, toMs] = this.#deployment.timings.settleMs
    const asked = [...this.#pending].slice(0, maxAsked)
    const started = performance.now()
    try {
      const { open, more } = await this.#ask(asked)
      for (const xid of asked) this.#pending.delete(xid)
      // To the back of the line, for there may be more than one question has room for.
      for (const xid of [...more, ...open]) this.#pending.add(xid)
      // Where something was found there may be more, soon.
      this.#pauseMs = more.length > 0 || open.length < asked.length ? fromMs : Math.min(this.#pauseMs * 1.25, toMs)
      // Rests as long as it took, and longer the more transactions there are: a question costs about a millisecond whether it moves ten
      // events or a hundred (105 µs an event in tens, 11 µs in five hundreds), and that time is taken from the publishers.
      const rest = Math.min(Math.max(1, asked.length / 4), maxRest)
      this.#restUntil = performance.now() + (performance.now() - started) * rest
      this.#report.worked()
    } catch (error) {
      this.#pauseMs = toMs
      this.#report.failed(error)
    }
  }

  async #ask(xids: readonly string[]): Promise<Settled> {
    const { inline } = this.#deployment
    const { answer } = await this.#deployment.one(
      sql<{ readonly answer: string }>`
        select ${this.#deployment.name('settle')}(${JSON.stringify(xids)}::text, ${sql.lit(maxRelayed)}, ${inline}) as answer`,
    )
    return JSON.parse(answer) as Settled
  }
}
