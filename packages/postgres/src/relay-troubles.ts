import { TrunklineError } from '@trunkline/core'

import type { RelayReport } from './relay-driver.ts'

/** Who is told of failures that have no caller. */
export interface TroubleListener {
  onTrouble(error: unknown): void
  onOver(): void
}

/**
 * Relaying happens in the background, so its failures have no caller. They go to whoever listens on this backend, once per kind until it
 * works again. A process that only publishes has nobody to tell: there it goes on trying, and what is wrong with the database is wrong
 * with the next publish, too, which says so.
 */
export class RelayTroubles implements RelayReport {
  readonly #listeners = new Set<TroubleListener>()
  #code: string | undefined

  /** Returns the way to stop it. */
  tell(listener: TroubleListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  failed(error: unknown): void {
    const code = error instanceof TrunklineError ? error.code : 'unknown'
    // Closing is no trouble.
    if (code === 'stopped' || code === this.#code) return
    this.#code = code
    for (const listener of this.#listeners) listener.onTrouble(error)
  }

  worked(): void {
    if (this.#code === undefined) return
    this.#code = undefined
    for (const listener of this.#listeners) listener.onOver()
  }
}
