import type { LogEvent, Position } from '../ports.ts'
import type { LogGrew } from '../signal.ts'

/** A signal that carries its events. */
export type Growth = LogGrew & { readonly events: readonly LogEvent[] }

const maxBytes = 8 * 1_024 * 1_024

/**
 * What this process added to the log itself and its tail has not come to yet: to read it back would cost as much as it cost to publish.
 * Bounded by the bytes of the details; at the bound the oldest goes, and is read back.
 */
export class OwnGrowth {
  readonly #byAfter = new Map<Position, Growth>()
  #bytes = 0

  add(grown: Growth): void {
    // A log that was put back gives positions out again.
    this.#remove(grown.after)
    this.#byAfter.set(grown.after, grown)
    this.#bytes += bytesOf(grown)
    for (const [after] of this.#byAfter) {
      if (this.#bytes <= maxBytes) break
      this.#remove(after)
    }
  }

  /** What follows a place directly. */
  after(position: Position): Growth | undefined {
    return this.#byAfter.get(position)
  }

  /** Forgets what the tail has passed. */
  passed(position: Position): void {
    for (const [after, { last }] of this.#byAfter) {
      if (last > position) break
      this.#remove(after)
    }
  }

  clear(): void {
    this.#byAfter.clear()
    this.#bytes = 0
  }

  #remove(after: Position): void {
    const grown = this.#byAfter.get(after)
    if (grown === undefined) return
    this.#byAfter.delete(after)
    this.#bytes -= bytesOf(grown)
  }
}

function bytesOf({ events }: Growth): number {
  return events.reduce((sum, { body }) => sum + 256 + body.length, 0)
}
