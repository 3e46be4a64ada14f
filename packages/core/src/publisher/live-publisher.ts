import { TrunklineError } from '../errors.ts'
import { byteLength } from '../event/text.ts'
import type { NewEvent, Notifier } from '../ports.ts'
import { liveSignal, packLive } from '../signal.ts'

/** What may wait for its notification. */
const maxWaitingBytes = 16 * 1_024 * 1_024

interface Waiting {
  readonly packed: string
  readonly bytes: number
  resolve(): void
  reject(error: unknown): void
}

/**
 * Sends events that are not stored, in the order in which they were published: one notification at a time, and what comes while it is
 * under way goes out in the next one, as much as fits.
 */
export class LivePublisher {
  readonly #notifier: Notifier
  readonly #waiting: Waiting[] = []
  #waitingBytes = 0
  #sending: Promise<void> | undefined

  constructor(notifier: Notifier) {
    this.#notifier = notifier
  }

  /** The event as it travels. @throws {TrunklineError} `event_too_large`: it does not fit a notification */
  pack(event: NewEvent): string {
    const packed = packLive(event)
    const bytes = byteLength(liveSignal([packed]))
    if (bytes <= this.#maxBytes) return packed
    throw new TrunklineError(
      'event_too_large',
      `"${event.type}" is not stored, so it has to fit one notification of ${this.#maxBytes} bytes, and takes ${bytes}. Store it, or send less.`,
    )
  }

  /** Resolves when a packed event was sent. */
  send(packed: string): Promise<void> {
    const bytes = byteLength(packed)
    if (this.#waitingBytes + bytes > maxWaitingBytes) {
      return Promise.reject(
        new TrunklineError('overloaded', `More than ${maxWaitingBytes} bytes of unstored events wait to be sent.`),
      )
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ packed, bytes, resolve, reject })
      this.#waitingBytes += bytes
      this.#sending ??= this.#sendAll()
    })
  }

  /** Resolves when nothing is in flight any more. */
  async drain(): Promise<void> {
    await this.#sending
  }

  async #sendAll(): Promise<void> {
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#sendSome()
    this.#sending = undefined
  }

  async #sendSome(): Promise<void> {
    const batch = this.#take()
    try {
      await this.#notifier.notify(liveSignal(batch.map(({ packed }) => packed)))
      for (const { resolve } of batch) resolve()
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  #take(): readonly Waiting[] {
    let bytes = byteLength(liveSignal([]))
    let count = 0
    for (const waiting of this.#waiting) {
      // And the comma between two.
      bytes += waiting.bytes + 1
      if (count > 0 && bytes > this.#maxBytes) break
      count++
    }
    const batch = this.#waiting.splice(0, count)
    for (const waiting of batch) this.#waitingBytes -= waiting.bytes
    return batch
  }

  get #maxBytes(): number {
    return this.#notifier.maxPayloadBytes ?? Number.POSITIVE_INFINITY
  }
}
