import { parseCursor, type Place } from '../cursor.ts'
import type { HookEvent } from '../event/event.ts'
import { placeOf } from '../event/read-event.ts'
import { joinBytes } from '../event/text.ts'
import { type HookOutcome, isThenable, type MaybePromise, transform } from '../hooks.ts'
import { type Audience, isFor } from '../hub/routing.ts'
import type { Page, Position } from '../ports.ts'
import type { Entry, Run } from '../tail/entry.ts'
import { inTurn } from '../tail/entry-maker.ts'
import { pause } from '../time.ts'
import type { Dialect, ResetReason } from '../wire/dialect.ts'
import { encodeFrame } from '../wire/frame.ts'
import type { House } from './house.ts'

/** How many bytes of details go into one chunk when a client catches up, and one event: what a client that stops reading can cost. */
const maxChunkBytes = 256 * 1_024

/** Whose place it is, and how it is read. */
export interface LogReaderSetup {
  readonly audience: Audience
  readonly dialect: Dialect
  /** `beforeSend` with this connection's request and audience. */
  readonly beforeSend: ((event: HookEvent) => HookOutcome) | undefined
}

/**
 * A client's place in the log, and the bytes from there on. Reads the ring as far as that reaches back, and the store before; says
 * `reset` when neither can go on from the place. Holds no event.
 *
 * A database can forget events that clients have seen, and give their positions to others. So whoever reads on from a place has to
 * find the event that it names, each time; and {@link rejoin} takes back what was being made ready from a log that is no more.
 */
export class LogReader {
  readonly #house: House
  readonly #setup: LogReaderSetup
  /** The number in the ring of the entry to read next; null while the place is behind the ring. */
  #seq: number | null
  /** Unstored entries before this one came before the client did, or were read. */
  #unstoredFrom: number
  /** The last event that was read; everything up to there was written, or was not for this client. */
  #place: Place
  /** Up to here the store had nothing more for this client, and the tail had followed it. Below the place: that is not known. */
  #sureTo: Position = -1
  /** How often the place was taken back. */
  #returns = 0
  #cursor: string

  constructor(house: House, setup: LogReaderSetup) {
    const { ring, place, cursor } = house.tail
    this.#house = house
    this.#setup = setup
    this.#seq = ring.head
    this.#unstoredFrom = ring.head
    this.#place = place
    this.#cursor = cursor
  }

  /** The last cursor written: what the client would resume from. Empty when nothing is stored. */
  get cursor(): string {
    return this.#cursor
  }

  /** Takes the place a client resumes from, to be checked before the first event; or says what is wrong with it at first sight. */
  claim(cursor: string): ResetReason | null {
    if (this.#house.catchUp === undefined) return 'not_stored'
    const place = parseCursor(cursor)
    if (place === null) return 'malformed'
    this.#cursor = cursor
    this.#goBackTo(place)
    return null
  }

  /** The log is not the one it was: what was written last has to be found in it. */
  rejoin(): void {
    const place = parseCursor(this.#cursor)
    if (place !== null) this.#goBackTo(place)
  }

  /** Whether an entry is for this client. */
  wants(entry: Entry): boolean {
    return isFor(entry.source, this.#setup.audience)
  }

  /** The chunk of what came to a client that is caught up; null when its hook let nothing pass. */
  pass(run: Run): MaybePromise<Uint8Array | null> {
    this.#standAtHead()
    if (this.#setup.beforeSend !== undefined) return this.#hooked(run.entries, this.#setup.beforeSend)
    this.#count(run.entries)
    return run.bytes(this.#setup.dialect)
  }

  /** For who is caught up: the place of the whole process is its own. */
  moveToHead(): void {
    this.#standAtHead()
    this.#cursor = this.#house.tail.cursor
  }

  /** The next chunk; null when the client is caught up, or was brought to where the ring begins. */
  take(wanted: () => boolean): MaybePromise<Uint8Array | null> {
    const { ring } = this.#house.tail
    // Overtaken. Stored events are read from the store; for others there is no way back.
    if (ring.lostUnstoredSince(this.#unstoredFrom)) return this.reset('overflow')
    if (this.#seq !== null && this.#seq < ring.start) this.#goTo(this.#place)
    return this.#seq === null ? this.#readStore(wanted) : this.#readRing(this.#seq)
  }

  /** Says that history was lost, and goes on from here. */
  reset(reason: ResetReason): Uint8Array {
    this.#house.counters.resets++
    this.moveToHead()
    const { dialect, audience } = this.#setup
    return encodeFrame(dialect.reset({ cursor: this.#cursor, reason, channels: audience.channels }))
  }

  #readRing(from: number): MaybePromise<Uint8Array | null> {
    const { ring, place } = this.#house.tail
    const entries: Entry[] = []
    let seq = from
    for (let bytes = 0; seq < ring.head && bytes < maxChunkBytes; seq++) {
      const entry = ring.at(seq)
      const isNew = entry.stored ? entry.position > this.#place.position : seq >= this.#unstoredFrom
      if (!isNew || !this.wants(entry)) continue
      entries.push(entry)
      bytes += entry.detailJson.length
    }
    const reached = seq === ring.head ? place : ring.placeBefore(seq)
    if (reached.position > this.#place.position) this.#place = reached
    this.#unstoredFrom = Math.max(this.#unstoredFrom, seq)
    this.#seq = seq
    const chunk = this.#encode(entries)
    // A hook that let nothing pass has not brought the client to the head yet.
    return chunk === null && seq < ring.head ? this.#readRing(seq) : chunk
  }

  async #readStore(wanted: () => boolean): Promise<Uint8Array | null> {
    const { tail, catchUp, makeEntries } = this.#house
    if (catchUp === undefined) return this.reset('not_stored')
    while (wanted()) {
      const seq = this.#seqInRing()
      if (seq !== null) {
        this.#seq = Math.max(tail.ring.start, Math.min(seq, this.#unstoredFrom))
        return null
      }
      const place = this.#place
      const returns = this.#returns
      const followed = tail.place.position
      const page = await catchUp.read(place.position, this.#setup.audience, wanted)
      if (page === null) return null
      if (this.#returns !== returns) continue
      const lost = lostBy(page, place)
      if (lost !== null) return this.reset(lost)
      const { events, through } = firstOf(page)
      const entries = await makeEntries.stored(events, page.epoch)
      if (this.#returns !== returns) continue
      const last = events.at(-1)
      if (last !== undefined) this.#place = placeOf(last, page.epoch)
      this.#sureTo = Math.min(through, followed)
      const chunk = await this.#encode(entries.filter((entry) => this.wants(entry)))
      if (chunk !== null) return chunk
      // Neither has the store more, nor has the tail come to here: it is about to, or to find out why not.
      if (last === undefined && this.#seqInRing() === null) await this.#waitForTail()
    }
    return null
  }

  /** Where the ring goes on from the place; null when that is not certain, or the ring does not reach back there. */
  #seqInRing(): number | null {
    const { ring } = this.#house.tail
    if (this.#sureTo < this.#place.position) return ring.seqAfterPlace(this.#place)
    return this.#sureTo < ring.floor.position ? null : ring.seqAfter(this.#place.position)
  }

  #encode(entries: readonly Entry[]): MaybePromise<Uint8Array | null> {
    if (entries.length === 0) return null
    if (this.#setup.beforeSend !== undefined) return this.#hooked(entries, this.#setup.beforeSend)
    this.#count(entries)
    return joinBytes(entries.map((entry) => entry.bytes(this.#setup.dialect)))
  }

  /** Each event on its own copy through the hook; the bytes that come of it are this client's alone. */
  #hooked(entries: readonly Entry[], beforeSend: (event: HookEvent) => HookOutcome): MaybePromise<Uint8Array | null> {
    const { hookTimeoutMs, report, counters } = this.#house
    const returns = this.#returns
    const join = (results: readonly (Entry | null)[]): Uint8Array | null => {
      // Taken back meanwhile, and read again from the log as it is now; unstored ones are in none.
      if (this.#returns !== returns) return entries.every(({ stored }) => stored) ? null : this.reset('overflow')
      const kept = results.filter((entry) => entry !== null)
      counters.dropped += results.length - kept.length
      if (kept.length === 0) return null
      this.#count(kept)
      return joinBytes(kept.map((entry) => entry.bytes(this.#setup.dialect)))
    }
    const guard = { stage: 'beforeSend', timeoutMs: hookTimeoutMs, report } as const
    const results = inTurn(entries, (entry) => transform(entry, beforeSend, guard))
    return isThenable(results) ? results.then(join) : join(results)
  }

  #count(entries: readonly Entry[]): void {
    const { counters, tracker } = this.#house
    counters.delivered += entries.length
    tracker?.sent(entries, this.#setup.audience.userId)
    this.#cursor = entries.findLast((entry) => entry.stored)?.event.cursor ?? this.#cursor
  }

  #goBackTo(place: Place): void {
    this.#returns++
    this.#goTo(place)
  }

  /** Leaves the ring. */
  #goTo(place: Place): void {
    this.#seq = null
    this.#place = place
    this.#sureTo = -1
  }

  #standAtHead(): void {
    const { ring, place } = this.#house.tail
    this.#seq = ring.head
    this.#unstoredFrom = ring.head
    this.#place = place
  }

  #waitForTail(): Promise<void> {
    this.#house.tail.look()
    return pause(50, this.#house.stopped)
  }
}

/** As much of a page as one chunk takes. Stores that bound their pages likewise are read no more often for it. */
function firstOf({ events, through }: Page): Pick<Page, 'events' | 'through'> {
  let bytes = 0
  const end = events.findIndex(({ body }) => (bytes += body.length) >= maxChunkBytes)
  const last = events[end]
  return last === undefined || end === events.length - 1
    ? { events, through }
    : { events: events.slice(0, end + 1), through: last.position }
}

/** Why the log as it is now cannot go on from a place; null when it can. */
function lostBy(page: Page, { epoch, position, tag }: Place): ResetReason | null {
  if (page.epoch !== epoch) return 'unknown_epoch'
  if (position < page.floor) return 'pruned'
  if (position > page.head) return 'ahead_of_head'
  return page.tag === tag ? null : 'unknown_epoch'
}
