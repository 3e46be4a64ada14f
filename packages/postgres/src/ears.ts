import { pause } from './pause.ts'

/** What was heard on one connection. */
export class Ears {
  readonly #onPayload: (payload: string) => void
  #onHeard: () => void = () => {}
  /** When anything was last heard, by performance.now(). */
  heardAt: number = Number.NEGATIVE_INFINITY

  constructor(onPayload: (payload: string) => void) {
    this.#onPayload = onPayload
  }

  hear(payload: string): void {
    this.heardAt = performance.now()
    this.#onHeard()
    this.#onPayload(payload)
  }

  /** Resolves when something was heard since a time, or `ms` have passed. */
  async heardSince(since: number, ms: number, over: AbortSignal): Promise<void> {
    if (this.heardAt >= since) return
    const heard = new AbortController()
    this.#onHeard = () => heard.abort()
    await pause(ms, AbortSignal.any([heard.signal, over]))
    this.#onHeard = () => {}
  }

  /** Resolves when nothing was heard for `ms`. One timer, however much is heard. */
  async quiet(ms: number, over: AbortSignal): Promise<void> {
    for (let left = ms; left > 0 && !over.aborted; left = ms - (performance.now() - this.heardAt)) {
      await pause(left, over)
    }
  }
}
