import { formatCursor, type Place } from '../cursor.ts'
import { TrunklineError } from '../errors.ts'
import { placeOf } from '../event/read-event.ts'
import { isThenable, type MaybePromise } from '../hooks.ts'
import { type Log, lostBy, type Loss } from '../log.ts'
import type { LogEvent, Page } from '../ports.ts'
import type { Report } from '../report.ts'
import type { Fleet, LogGrew, Signal } from '../signal.ts'
import { backoffMs, nextTurn, pause } from '../time.ts'
import type { Entry } from './entry.ts'
import type { EntryMaker } from './entry-maker.ts'
import { type Growth, OwnGrowth } from './own-growth.ts'
import { Ring, type RingBounds } from './ring.ts'

const pageSize = 500
const maxSignals = 1_000
const look: TailSignal = { kind: 'look' }
/** Stands for unstored events that were let go. */
const missed = { kind: 'missed' } as const

/** What concerns the log, or its events. */
type TailSignal = Exclude<Signal, Fleet>

/** What the tail tells of: the hub. */
export interface Follower {
  /** New entries, which are in the ring already. */
  deliver(entries: readonly Entry[]): void
  /** What was heard while others wait for their turn, and will be delivered in its own. */
  hear(events: readonly LogEvent[]): void
  /** The log is not the one it was: everyone has to look where they stand. `isKnown`: it goes on from a place where the tail was. */
  rejoin(isKnown: boolean): void
  /** Entries that are in no store were lost: everyone has missed them. */
  miss(): void
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
  readonly #signals: (TailSignal | typeof missed)[] = []
  #working = false
  #started: Promise<void> | undefined
  #place: Place = { epoch: '', position: 0, tag: null }
  #cursor = ''
  #lagMs = 0
  readonly #own = new OwnGrowth()
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

  /** What came through the Notifier. */
  hear(signal: TailSignal): void {
    if (this.#working) this.#announce(signal)
    this.#take(signal)
  }

  /** What this process itself added to the log. */
  offer(grown: Growth): void {
    if (this.#started === undefined || grown.epoch !== this.#place.epoch) return
    if (!this.#working && this.#followsDirectly(grown)) return this.#take(grown)
    this.#own.passed(this.#place.position)
    this.#own.add(grown)
  }

  /** Looks at the log without having been told to. */
  look(): void {
    if (this.#signals.at(-1) !== look) this.#take(look)
  }

  async #begin(): Promise<void> {
    if (this.#options.log !== undefined) this.#moveTo(await this.#options.log.place('head'))
  }

  #take(signal: TailSignal): void {
    if (this.#stopped.signal.aborted) return
    if (this.#signals.length >= maxSignals) this.#makeRoom()
    this.#signals.push(signal)
    if (!this.#working) void this.#work()
  }

  /** The log has all that was said of it. Events that are in no log are kept as long as half of the room is enough for them. */
  #makeRoom(): void {
    const unstored = this.#signals.filter(({ kind }) => kind === 'live' || kind === 'missed')
    this.#signals.length = 0
    this.#signals.push(look, ...(unstored.length > maxSignals / 2 ? [missed] : unstored))
  }

  #announce(signal: TailSignal): void {
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

  #follow(signal: TailSignal | typeof missed): MaybePromise<void> {
    if (signal.kind === 'missed') return this.#miss()
    if (signal.kind === 'live') return this.#deliver(this.#options.makeEntries.live(signal.events, this.#place.position))
    if (this.#options.log === undefined) return
    if (signal.kind === 'log') {
      if (this.#isKnown(signal)) return
      if (this.#followsDirectly(signal)) return this.#append(signal.events)
    }
    return this.#readOn(this.#options.log, signal)
  }

  #isKnown({ epoch, last }: LogGrew): boolean {
    return epoch === this.#place.epoch && last <= this.#place.position
  }

  #followsDirectly(signal: LogGrew): signal is Growth {
    if (signal.epoch !== this.#place.epoch || signal.after !== this.#place.position || signal.events === null) return false
    // Anyone who knows the channel may send anything: what does not rise from here to `last` is no more than a hint.
    let position = signal.after
    for (const event of signal.events) {
      if (event.position <= position) return false
      position = event.position
    }
    return position === signal.last
  }

  async #readOn(log: Log, signal: TailSignal): Promise<void> {
    // It may be about an append of this process, whose answer comes at the same time and spares the read.
    if (signal.kind === 'log') await nextTurn()
    for (let attempt = 0; !this.#stopped.signal.aborted;) {
      if (signal.kind === 'log' && this.#isKnown(signal)) return
      const own = this.#own.after(this.#place.position)
      if (own !== undefined && this.#followsDirectly(own)) {
        await this.#append(own.events)
        continue
      }
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
    const lost = lostBy(page, this.#place)
    if (lost !== null) {
      await this.#startOver(lost, log)
      return false
    }
    const appended = this.#append(page.events)
    if (isThenable(appended)) await appended
    return page.through >= page.head
  }

  /** What stood at our place is gone: another log, a log that lost its newest events, or one that was pruned past us. */
  async #startOver(lost: Loss, log: Log): Promise<void> {
    const known = await this.#lastKnown(log)
    this.#moveTo(known ?? (await log.place('head')))
    const why = lost === 'pruned' ? 'was pruned past the place of this process' : 'is not the one this process followed'
    const harm = known === null ? 'have missed events' : 'have seen events that are gone'
    this.#options.report(
      new TrunklineError('store_unavailable', `The log ${why}. Clients are told by reset; backend subscribers ${harm}.`),
      { stage: 'tail' },
    )
    this.#options.follower.rejoin(known !== null)
  }

  /** The newest place in the ring from which the log, as it is now, goes on; null when there is none. */
  async #lastKnown(log: Log): Promise<Place | null> {
    const { ring } = this
    let low = ring.start
    let high = ring.head
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const lost = await log.lost(ring.placeBefore(middle))
      if (lost === null || lost === 'pruned') low = middle
      else high = middle - 1
    }
    const place = ring.placeBefore(low)
    return (await log.lost(place)) === null ? place : null
  }

  #miss(): void {
    this.#options.report(
      new TrunklineError(
        'overloaded',
        `More than ${maxSignals} signals waited: unstored events were lost. Clients are told by reset.`,
      ),
      { stage: 'tail' },
    )
    this.ring.skip()
    this.#options.follower.miss()
  }

  #moveTo(place: Place): void {
    this.#own.clear()
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
