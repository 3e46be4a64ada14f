import { TrunklineError } from '@trunkline/core'

import { toTrunklineError } from '../errors.ts'
import type { Row } from './session.ts'

/** Runs one statement at a time. A {@link Session}, or a part of a caller's own instance. */
export interface Lane {
  readonly ended: boolean
  /** `afresh`: not as a prepared statement, which after a few runs gets one plan for whatever its parameters are. */
  run(text: string, parameters: readonly (string | null)[], afresh: boolean): Promise<readonly Row[]>
  setIdle(idle: boolean): void
  end(): void
}

/** What a pool needs to know. */
export interface PoolOptions {
  readonly size: number
  readonly openLane: () => Lane
  /** Where it leads, for messages. */
  readonly server: string
  readonly schema: string
  readonly queryMs: number
  readonly idleMs: number
  readonly closeMs: number
}

/** How one statement is run. */
export interface QueryOptions {
  /** Defaults to the pool's. */
  readonly timeoutMs?: number
  /** Planned for these very parameters. Defaults to false. */
  readonly afresh?: boolean
}

/** More than this many callers in line means that the database does not keep up, and that waiting would only use memory. */
const maxWaiting = 1_000

interface Waiter {
  readonly take: (lane: Lane) => void
  readonly fail: (error: unknown) => void
}

/**
 * A few lanes with one statement in flight in each, and a line of those who wait. Nothing is ever sent behind a statement that is
 * stuck, and every statement has a time limit: one that outlives it costs its lane, which is replaced whole.
 */
export class Pool {
  readonly #options: PoolOptions
  readonly #idle: Lane[] = []
  readonly #busy = new Set<Lane>()
  readonly #idleTimers = new Map<Lane, NodeJS.Timeout>()
  readonly #waiting: Waiter[] = []
  readonly #recovered: (() => void)[] = []
  #failing = false
  #closed = false
  #emptied: (() => void) | undefined

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Runs one statement, in no transaction. Always ends: with rows, or with a TrunklineError. */
  async query(
    text: string,
    parameters: readonly (string | null)[] = [],
    { timeoutMs = this.#options.queryMs, afresh = false }: QueryOptions = {},
  ): Promise<readonly Row[]> {
    const lane = await this.#acquire()
    try {
      const rows = await this.#limit(lane, lane.run(text, parameters, afresh), timeoutMs)
      this.#succeeded()
      return rows
    } catch (error) {
      const failure = toTrunklineError(error, this.#options.server, this.#options.schema)
      if (failure.code === 'store_unavailable') this.#failing = true
      throw failure
    } finally {
      this.#release(lane)
    }
  }

  /** Calls back whenever a statement succeeds after one that could not reach the database. */
  onRecovered(callback: () => void): void {
    this.#recovered.push(callback)
  }

  /** Refuses new statements, waits a moment for those in flight, and ends every lane. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const { fail } of this.#waiting.splice(0)) fail(stopped())
    if (this.#busy.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#options.closeMs)
        this.#emptied = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    for (const lane of [...this.#busy, ...this.#idle.splice(0)]) this.#end(lane)
  }

  #acquire(): Promise<Lane> {
    if (this.#closed) return Promise.reject(stopped())
    for (let lane = this.#idle.pop(); lane !== undefined; lane = this.#idle.pop()) {
      clearTimeout(this.#idleTimers.get(lane))
      this.#idleTimers.delete(lane)
      if (!lane.ended) return Promise.resolve(this.#use(lane))
    }
    if (this.#busy.size < this.#options.size) return Promise.resolve(this.#use(this.#options.openLane()))
    if (this.#waiting.length >= maxWaiting) {
      const message = `${maxWaiting} statements wait for one of ${this.#options.size} database connections. Publish less at once, or raise poolSize.`
      return Promise.reject(new TrunklineError('overloaded', message))
    }
    return this.#waitInLine()
  }

  #use(lane: Lane): Lane {
    this.#busy.add(lane)
    lane.setIdle(false)
    return lane
  }

  #waitInLine(): Promise<Lane> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        const message = `No database connection was free within ${this.#options.queryMs} ms: all ${this.#options.size} are at work. Nothing was sent.`
        reject(new TrunklineError('store_unavailable', message))
      }, this.#options.queryMs)
      const waiter: Waiter = {
        take: (lane) => {
          clearTimeout(timer)
          resolve(lane)
        },
        fail: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
      this.#waiting.push(waiter)
    })
  }

  #release(lane: Lane): void {
    this.#busy.delete(lane)
    const next = this.#waiting.shift()
    if (next !== undefined) return next.take(this.#use(lane.ended ? this.#options.openLane() : lane))
    if (this.#closed) {
      this.#end(lane)
      if (this.#busy.size === 0) this.#emptied?.()
    } else if (!lane.ended) {
      lane.setIdle(true)
      this.#idle.push(lane)
      const timer = setTimeout(() => this.#endIdle(lane), this.#options.idleMs)
      this.#idleTimers.set(lane, timer.unref())
    }
  }

  #endIdle(lane: Lane): void {
    const at = this.#idle.indexOf(lane)
    if (at >= 0) this.#idle.splice(at, 1)
    this.#end(lane)
  }

  #end(lane: Lane): void {
    clearTimeout(this.#idleTimers.get(lane))
    this.#idleTimers.delete(lane)
    lane.end()
  }

  #limit<T>(lane: Lane, work: Promise<T>, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const message = `PostgreSQL at ${this.#options.server} gave no answer within ${timeoutMs} ms. The outcome is not known.`
        reject(new TrunklineError('store_unavailable', message))
        // After the rejection, which is to say why; ending the lane rejects the statement, too.
        lane.end()
      }, timeoutMs)
      work.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }

  #succeeded(): void {
    if (!this.#failing) return
    this.#failing = false
    for (const callback of this.#recovered) callback()
  }
}

function stopped(): TrunklineError {
  return new TrunklineError('stopped', 'This store was closed. Make a new one with postgres().')
}
