import { keysOf } from '../entity.ts'
import { TrunklineError } from '../errors.ts'
import type { TrunklineEvent } from '../event/event.ts'
import { isThenable } from '../hooks.ts'
import type { Report } from '../report.ts'

type Handler = (event: TrunklineEvent) => unknown

/** What {@link Subscribers} keeps handlers of every event under; no event type can be empty. */
const everything = ''

/** Backend subscribers: handlers of all events, of a type, or of a `type:id`, of every scope. One that fails harms no other. */
export class Subscribers {
  readonly #handlers = new Map<string, Set<Handler>>()
  readonly #report: Report

  constructor(report: Report) {
    this.#report = report
  }

  /** `key` left out: every event. Returns its unsubscribe. */
  add(handler: Handler, key: string = everything): () => void {
    if (typeof handler !== 'function') {
      throw new TrunklineError(
        'invalid_options',
        `subscribe needs a function, got ${typeof handler}. Call subscribe('type', (event) => …).`,
      )
    }
    // A wrapper of its own, so that one function subscribed twice is called twice and unsubscribed once.
    const own: Handler = (event) => handler(event)
    const handlers = this.#handlers.get(key) ?? new Set()
    this.#handlers.set(key, handlers.add(own))
    return () => {
      handlers.delete(own)
      if (handlers.size === 0 && this.#handlers.get(key) === handlers) this.#handlers.delete(key)
    }
  }

  tell(event: TrunklineEvent): void {
    if (this.#handlers.size === 0) return
    for (const key of [everything, ...keysOf(event)]) {
      for (const handler of this.#handlers.get(key) ?? []) this.#call(handler, event)
    }
  }

  #call(handler: Handler, event: TrunklineEvent): void {
    const fail = (error: unknown): void => this.#report(error, { stage: 'subscriber', eventId: event.id })
    try {
      const done = handler(event)
      if (isThenable(done)) done.then(undefined, fail)
    } catch (error) {
      fail(error)
    }
  }
}
