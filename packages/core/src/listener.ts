import type { Fleet } from './fleet/fleet.ts'
import type { Notifier, Stop } from './ports.ts'
import type { Report } from './report.ts'
import { parseSignal } from './signal.ts'
import type { ListenerStats } from './stats.ts'
import type { Tail } from './tail/tail.ts'
import { type Cancel, every, pause } from './time.ts'

/** How long start waits for the notifier to say whether it listens, in milliseconds. It goes on trying after that. */
const startLimitMs = 10_000

/**
 * How often the tail looks by itself, in milliseconds: a NOTIFY is a hint, and a hint can be lost while others come. Half of the second
 * within which a right that was taken holds; canRead has the other half.
 */
const pollMs = 500

/** What a listener works with. */
export interface ListenerOptions {
  readonly notifier: Notifier
  readonly tail: Tail
  readonly fleet: Pick<Fleet, 'hear' | 'changed'>
  readonly report: Report
}

/** Joins the notifier to the tail: hints wake it, and twice a second it looks without one. */
export class Listener {
  readonly #options: ListenerOptions
  #state: ListenerStats['state'] = 'stopped'
  #since = Date.now()
  #lastHeard: number | null = null
  #stopListening: Stop | undefined
  #stopPolling: Cancel | undefined
  readonly #stopped = new AbortController()

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /** Resolves when it listens, or knows that for now it cannot. */
  async start(): Promise<void> {
    this.#enter('connecting')
    this.#stopPolling = every(pollMs, () => this.#options.tail.look())
    await Promise.race([this.#listen(), pause(startLimitMs, this.#stopped.signal)])
  }

  #listen(): Promise<void> {
    const { notifier, tail, report } = this.#options
    return new Promise((resolve) => {
      this.#stopListening = notifier.listen({
        onPayload: (payload) => {
          this.#lastHeard = Date.now()
          this.#hear(payload)
        },
        onListening: () => {
          this.#enter('listening')
          // What came while nobody listened.
          tail.look()
          resolve()
        },
        onError: (error) => {
          // Once per outage: what follows fails for the same reason.
          if (this.#state !== 'polling') report(error, { stage: 'listen' })
          this.#enter('polling')
          resolve()
        },
      })
    })
  }

  #hear(payload: string): void {
    const signal = parseSignal(payload)
    if (signal.kind === 'fleet') this.#options.fleet.hear(signal.message)
    else this.#options.tail.hear(signal)
  }

  async stop(): Promise<void> {
    this.#stopPolling?.()
    this.#stopped.abort()
    this.#enter('stopped')
    await this.#stopListening?.()
  }

  get stats(): ListenerStats {
    const lastHeard = this.#lastHeard === null ? null : new Date(this.#lastHeard).toISOString()
    return { state: this.#state, since: new Date(this.#since).toISOString(), lastHeard }
  }

  #enter(state: ListenerStats['state']): void {
    if (state === this.#state || (this.#stopped.signal.aborted && state !== 'stopped')) return
    this.#state = state
    this.#since = Date.now()
    this.#options.fleet.changed(state)
  }
}
