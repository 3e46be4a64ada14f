import type { Notifier } from './ports.ts'

const freshMs = 30_000

/** How full the notifier's queue is, asked only when somebody looks, and rarely: each look gets the last answer. */
export class QueueUsage {
  readonly #notifier: Notifier
  #answer: number | null = null
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(notifier: Notifier) {
    this.#notifier = notifier
  }

  /** The last answer; `mayAsk` is false while nothing may be sent. */
  look(mayAsk: boolean): number | null {
    const now = performance.now()
    if (mayAsk && this.#notifier.queueUsage !== undefined && now - this.#askedAt >= freshMs) {
      this.#askedAt = now
      this.#notifier.queueUsage().then(
        (usage) => {
          this.#answer = usage
        },
        () => {
          // Not known: whoever cannot be asked is out of reach, which the listener and the tail have told.
          this.#answer = null
        },
      )
    }
    return this.#answer
  }
}
