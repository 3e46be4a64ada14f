import type { Notifier } from '@trunkline/core'

import { Ear } from './ear.ts'

/** What a case has in its hands: the notifier of one deployment, in each of its processes. */
export class NotifierUnderTest {
  readonly notifier: Notifier
  /** Every process of the deployment, that of `notifier` included. */
  readonly processes: readonly Notifier[]
  /** Aborted when the case is over. */
  readonly signal: AbortSignal
  readonly #ears: Ear[] = []

  constructor(notifier: Notifier, others: readonly Notifier[], signal: AbortSignal) {
    this.notifier = notifier
    this.signal = signal
    this.processes = [notifier, ...others]
  }

  /** Starts to listen. */
  listen(notifier: Notifier = this.notifier, onListening?: () => void): Ear {
    const ear = new Ear(notifier, this.signal, onListening)
    this.#ears.push(ear)
    return ear
  }

  /** One listener in each process, once all of them listen. */
  listenEverywhere(): Promise<readonly Ear[]> {
    return Promise.all(this.processes.map((notifier) => this.listen(notifier).listening()))
  }

  /** Stops every listener, whatever the case has left running. */
  async stop(): Promise<void> {
    await Promise.all(this.#ears.map((ear) => ear.stop()))
  }
}

/** A payload as core makes them: JSON text. No two are the same. */
export function newPayload(content: unknown = null): string {
  return JSON.stringify({ v: 0, about: crypto.randomUUID(), content })
}
