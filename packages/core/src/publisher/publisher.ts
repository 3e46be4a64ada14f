import type { Counters } from '../counters.ts'
import { TrunklineError } from '../errors.ts'
import { byteLength } from '../event/text.ts'
import type { Measures } from '../measures/measures.ts'
import type { NewEvent, Notifier, Placed, Store } from '../ports.ts'
import type { Report } from '../report.ts'
import { lookSignal } from '../signal.ts'
import type { Growth } from '../tail/own-growth.ts'
import { within } from '../time.ts'
import { growthBy } from './growth.ts'

/** A flush takes at most so much, so that one statement stays small; the rest goes out in the next. */
const maxFlush = { events: 1_000, bytes: 4 * 1_024 * 1_024 }
/** What may wait for its flush. Beyond it publish is refused: the database is slower than what is published, and memory is no cure. */
const maxWaitingBytes = 64 * 1_024 * 1_024
/** How long a flush may take, in milliseconds, before its publishers are told that its outcome is not known. */
const flushLimitMs = 30_000

/** Events that were published by one call: they go into the log together, or none of them does. */
interface Group {
  readonly events: readonly NewEvent[]
  readonly bytes: number
  resolve(placed: readonly Placed[]): void
  reject(error: unknown): void
}

/** What a publisher works with. */
export interface PublisherOptions<Tx> {
  readonly store: Store<Tx>
  readonly notifier: Notifier
  /** Hears what was added to the log, before those who published it do. */
  readonly onGrowth: (grown: Growth) => void
  readonly counters: Counters
  readonly measures: Measures
  readonly report: Report
}

/**
 * Group commit without timers: what is published while a flush is in flight goes out in the next one. So a lone event leaves at once,
 * and under load a hundred share one transaction, one lock and one NOTIFY.
 */
export class Publisher<Tx> {
  readonly #options: PublisherOptions<Tx>
  readonly #waiting: Group[] = []
  #waitingBytes = 0
  #flushing: Promise<void> | undefined

  constructor(options: PublisherOptions<Tx>) {
    this.#options = options
  }

  /** Resolves when the events are in the log, with their places. */
  publish(events: readonly NewEvent[]): Promise<readonly Placed[]> {
    const bytes = events.reduce((sum, event) => sum + sizeOf(event), 0)
    if (this.#waitingBytes + bytes > maxWaitingBytes) {
      return Promise.reject(
        new TrunklineError(
          'overloaded',
          `More than ${maxWaitingBytes} bytes of events wait to be stored. The store is slow or away: try later.`,
        ),
      )
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, bytes, resolve, reject })
      this.#waitingBytes += bytes
      this.#flushing ??= this.#flushAll()
    })
  }

  /** Resolves when nothing is in flight any more. */
  async drain(): Promise<void> {
    await this.#flushing
  }

  async #flushAll(): Promise<void> {
    // What is published in one tick leaves in one flush.
    await Promise.resolve()
    let tell = nothing
    while (this.#waiting.length > 0) {
      const flushing = this.#flush(this.#takeGroups())
      // What came of the one before, while the store is at work: delivering its events may take longer than storing them did.
      tell()
      tell = await flushing
    }
    tell()
    this.#flushing = undefined
  }

  #takeGroups(): readonly Group[] {
    let events = 0
    let bytes = 0
    let count = 0
    for (const group of this.#waiting) {
      events += group.events.length
      bytes += group.bytes
      if (count > 0 && (events > maxFlush.events || bytes > maxFlush.bytes)) break
      count++
    }
    const groups = this.#waiting.splice(0, count)
    for (const group of groups) this.#waitingBytes -= group.bytes
    return groups
  }

  /** Stores them. What it resolves with tells everyone concerned, unless they have been told. */
  async #flush(groups: readonly Group[]): Promise<() => void> {
    const { store, counters, measures } = this.#options
    const events = groups.flatMap((group) => group.events)
    counters.flushes++
    measures.flushEvents.observe(events.length)
    const began = performance.now()
    try {
      const placed = await within(flushLimitMs, 'Storing events', store.append(events, {}))
      if (store.notifiesOnAppend === true) return () => this.#tell(groups, events, placed)
      this.#tell(groups, events, placed)
    } catch (error) {
      await this.#fail(groups, error)
      return nothing
    } finally {
      measures.flushMs.observe(performance.now() - began)
    }
    await this.#wake()
    return nothing
  }

  /** Those who have the clients, and those who published. */
  #tell(groups: readonly Group[], events: readonly NewEvent[], placed: readonly Placed[]): void {
    const { counters, onGrowth } = this.#options
    const grown = growthBy(events, placed)
    if (grown !== null) onGrowth(grown)
    counters.stored += placed.reduce((sum, { duplicate }) => sum + (duplicate === true ? 0 : 1), 0)
    let from = 0
    for (const group of groups) group.resolve(placed.slice(from, (from += group.events.length)))
  }

  /** One bad event fails its own publish and never its neighbours': the others are tried again without it. */
  async #fail(groups: readonly Group[], error: unknown): Promise<void> {
    // A store that names its trouble (away, not migrated, no rights) would refuse every part of the flush for the same reason.
    const isAboutEvents = !(error instanceof TrunklineError) || error.code === 'store_refused'
    if (groups.length === 1 || !isAboutEvents) {
      for (const group of groups) group.reject(error)
      return
    }
    const middle = groups.length >>> 1
    const tellFirst = await this.#flush(groups.slice(0, middle))
    tellFirst()
    const tellSecond = await this.#flush(groups.slice(middle))
    tellSecond()
  }

  async #wake(): Promise<void> {
    try {
      await this.#options.notifier.notify(lookSignal)
    } catch (error) {
      // The events are stored: the tails find them when they next look.
      this.#options.report(error, { stage: 'listen' })
    }
  }
}

/** For when nobody is left to be told. */
function nothing(): void {}

function sizeOf({ body, privateData }: NewEvent): number {
  // 256 for the names and ids around them.
  return 256 + byteLength(body) + (privateData === null ? 0 : byteLength(privateData))
}
