import { formatCursor, type Place } from '../cursor.ts'
import { TrunklineError } from '../errors.ts'
import { placeOf } from '../event/read-event.ts'
import { isThenable, type MaybePromise } from '../hooks.ts'
import type { Log } from '../log.ts'
import type { LogEvent, Page } from '../ports.ts'
import type { Report } from '../report.ts'
import { type LogGrew, parseSignal, type Signal } from '../signal.ts'
import { backoffMs, pause } from '../time.ts'
import type { Entry } from './entry.ts'
import type { EntryMaker } from './entry-maker.ts'
import { Ring, type RingBounds } from './ring.ts'

const pageSize = 500
const maxSignals = 1_000
const look: Signal = { kind: 'look' }

/** What the tail tells of: the hub. */
export interface Follower {
  /** New entries, which are in the ring already. */
  deliver(entries: readonly Entry[]): void
  /** What was heard while others wait for their turn, and will be delivered in its own. */
  hear(events: readonly LogEvent[]): void
  /** The log is not the one it was: everyone has to look where they stand. */
  rejoin(): void
}

/** What a tail works with. */
export interface TailOptions {
  /** Left out: nothing is stored, and all that comes is live. */
  readonly log: Log | undefined
  readonly makeEntries: EntryMaker
  readonly follower: Follower
  readonly report: Report
  readonly ringBounds?: RingBounds | undefined
}

/**
 * One per process: follows the log, in order, and keeps its newest events in a ring. Signals say where to look; the tail's own place
 * is only ever the last event it has read, or the last inline one that follows directly on its place. Signals are worked off one
 * after another, so that events keep their order even when hooks are asynchronous.
 */
export class Tail {
  readonly #options: TailOptions
  readonly #stopped = new AbortController()
  readonly #signals: Signal[] = []
  #working = false
  #started: Promise<void> | undefined
  #place: Place = { epoch: '', position: 0, tag: null }
  #cursor = ''
  #lagMs = 0
  readonly ring: Ring

  constructor(options: TailOptions) {
    this.#options = options
    this.ring = new Ring(this.#place, options.ringBounds)
  }

  /** Takes its place at the head of the log: what is published from now on will be followed. A failure may be tried again. */
  start(): Promise<void> {
    this.#started ??= this.#begin().catch((error: unknown) => {
      this.#started = undefined
      throw error
    })
    return this.#started
  }

  stop(): void {
    this.#stopped.abort()
    this.#signals.length = 0
  }

  /** Up to where this process has followed the log. */
  get place(): Place {
    return this.#place
  }

  /** The cursor of {@link place}; empty when nothing is stored. */
  get cursor(): string {
    return this.#cursor
  }

  /** How old the newest event was when it was delivered here, in milliseconds. */
  get lagMs(): number {
    return this.#lagMs
  }

  /** A payload of the Notifier. */
  hear(payload: string): void {
    const signal = parseSignal(payload)
    if (this.#working) this.#announce(signal)
    this.#take(signal)
  }

  /** Looks at the log without having been told to. */
  look(): void {
    if (this.#signals.at(-1) !== look) this.#take(look)
  }

  async #begin(): Promise<void> {
    if (this.#options.log !== undefined) this.#moveTo(await this.#options.log.place('head'))
  }

  #take(signal: Signal): void {
    if (this.#stopped.signal.aborted) return
    if (this.#signals.length >= maxSignals) {
      // The log has them all. Events that are in no log are lost here, and said so.
      if (this.#signals.some(({ kind }) => kind === 'live')) {
        this.#options.report(
          new TrunklineError('overloaded', `More than ${maxSignals} signals waited: unstored events were lost.`),
          { stage: 'tail' },
        )
      }
      this.#signals.length = 0
      this.#signals.push(look)
    }
    this.#signals.push(signal)
    if (!this.#working) void this.#work()
  }

  #announce(signal: Signal): void {
    if (signal.kind !== 'log' || signal.events === null || this.#isKnown(signal)) return
    const { follower, report } = this.#options
    try {
      follower.hear(signal.events)
    } catch (error) {
      report(error, { stage: 'tail' })
    }
  }

  async #work(): Promise<void> {
    this.#working = true
    for (let signal = this.#signals.shift(); signal !== undefined; signal = this.#signals.shift()) {
      try {
        const done = this.#follow(signal)
        // Only what really waits gives up the turn: an inline event goes from the socket to the connections in one go.
        if (isThenable(done)) await done
      } catch (error) {
        this.#options.report(error, { stage: 'tail' })
      }
    }
    this.#working = false
  }

  #follow(signal: Signal): MaybePromise<void> {
    if (signal.kind === 'live') return this.#deliver(this.#options.makeEntries.live(signal.events, this.#place.position))
    if (this.#options.log === undefined) return
    if (signal.kind === 'log') {
      if (this.#isKnown(signal)) return
      if (this.#followsDirectly(signal)) return this.#append(signal.events)
    }
    return this.#readOn(this.#options.log)
  }

  #isKnown({ epoch, last }: LogGrew): boolean {
    return epoch === this.#place.epoch && last <= this.#place.position
  }

  #followsDirectly(signal: LogGrew): signal is LogGrew & { readonly events: readonly LogEvent[] } {
    if (signal.epoch !== this.#place.epoch || signal.after !== this.#place.position || signal.events === null) return false
    // Anyone who knows the channel may send anything: what does not rise from here to `last` is no more than a hint.
    let position = signal.after
    for (const event of signal.events) {
      if (event.position <= position) return false
      position = event.position
    }
    return position === signal.last
  }

  async #readOn(log: Log): Promise<void> {
    for (let attempt = 0; !this.#stopped.signal.aborted;) {
      try {
        const page = await log.read(this.#place.position, 'everything', pageSize)
        attempt = 0
        if (await this.#takePage(page, log)) return
      } catch (error) {
        // Once per outage: the next attempts fail for the same reason.
        if (attempt === 0) this.#options.report(error, { stage: 'tail' })
        await pause(backoffMs(attempt++, 100, 1_000), this.#stopped.signal)
      }
    }
  }

  /** Whether the log has been read to its end. */
  async #takePage(page: Page, log: Log): Promise<boolean> {
    log.learn(page.epoch)
    if (page.epoch !== this.#place.epoch || page.floor > this.#place.position || page.tag !== this.#place.tag) {
      await this.#startOver(page, log)
      return false
    }
    const appended = this.#append(page.events)
    if (isThenable(appended)) await appended
    return page.through >= page.head
  }

  /** What stood at our place is gone: another log, a log that lost its newest events, or one that was pruned past us. */
  async #startOver(page: Page, log: Log): Promise<void> {
    const pruned = page.epoch === this.#place.epoch && page.floor > this.#place.position
    const why = pruned ? 'was pruned past the place of this process' : 'is not the one this process followed'
    this.#moveTo(await log.place('head'))
    this.#options.report(
      new TrunklineError(
        'store_unavailable',
        `The log ${why}. Clients are told by reset; backend subscribers have missed events.`,
      ),
      { stage: 'tail' },
    )
    this.#options.follower.rejoin()
  }

  #moveTo(place: Place): void {
    this.#place = place
    this.#cursor = formatCursor(place)
    this.ring.clear(place)
  }

  #append(events: readonly LogEvent[]): MaybePromise<void> {
    const last = events.at(-1)
    if (last === undefined) return
    const place = placeOf(last, this.#place.epoch)
    return this.#deliver(this.#options.makeEntries.stored(events, this.#place.epoch), () => {
      this.#place = place
      this.#cursor = formatCursor(place)
      this.#lagMs = Math.max(0, Date.now() - Date.parse(last.createdAt))
    })
  }

  /** Place, ring and hub move in one go: nobody can see one without the others. */
  #deliver(entries: MaybePromise<readonly Entry[]>, move: () => void = () => {}): MaybePromise<void> {
    const deliver = (ready: readonly Entry[]): void => {
      move()
      for (const entry of ready) this.ring.push(entry)
      if (ready.length > 0) this.#options.follower.deliver(ready)
    }
    return isThenable(entries) ? entries.then(deliver) : deliver(entries)
  }
}
