import type { Notifier, Stop } from '@trunkline/core'

import { until } from '../pause.ts'

/** What an ear has been told, in the order of it. */
export type Heard =
  | { readonly kind: 'listening' }
  | { readonly kind: 'payload'; readonly payload: string }
  | { readonly kind: 'error'; readonly error: unknown }

/** One listener, and all it was told. */
export class Ear {
  readonly heard: Heard[] = []
  readonly stop: Stop
  readonly #signal: AbortSignal

  /** `onListening` is called within the notifier's own call. What waits here ends with `signal`. */
  constructor(notifier: Notifier, signal: AbortSignal, onListening: () => void = () => {}) {
    this.#signal = signal
    this.stop = notifier.listen({
      onListening: () => {
        this.heard.push({ kind: 'listening' })
        onListening()
      },
      onPayload: (payload) => void this.heard.push({ kind: 'payload', payload }),
      onError: (error) => void this.heard.push({ kind: 'error', error }),
    })
  }

  /** What was heard, each payload once: duplicates are allowed. */
  get payloads(): readonly string[] {
    return [...new Set(this.heard.flatMap((item) => (item.kind === 'payload' ? [item.payload] : [])))]
  }

  /** How often it was said that listening is established. */
  get established(): number {
    return this.heard.filter(({ kind }) => kind === 'listening').length
  }

  /** Resolves once it listens. */
  async listening(): Promise<this> {
    await until(() => this.established > 0, this.#signal)
    return this
  }

  /** Resolves once it has heard a payload. */
  async hears(payload: string): Promise<this> {
    await until(() => this.payloads.includes(payload), this.#signal)
    return this
  }
}
