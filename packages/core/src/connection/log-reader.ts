import { parseCursor, type Place } from '../cursor.ts'
import type { HookEvent } from '../event/event.ts'
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
 */
export class LogReader {
  readonly #house: House
  readonly #setup: LogReaderSetup
  /** Unstored entries before this one came before the client did. */
  readonly #liveFrom: number
  /** The number in the ring of the entry to read next; null while the place is behind the ring. */
  #seq: number | null
  /** Everything up to here was written, or was not for this client. */
  #position: Position
  /** The place a client claims and nobody has checked yet. */
  #claimed: Place | null = null
  #cursor: string

  constructor(house: House, setup: LogReaderSetup) {
    this.#house = house
    this.#setup = setup
    this.#liveFrom = house.tail.ring.head
    this.#seq = house.tail.ring.head
    this.#position = house.tail.place.position
    this.#cursor = house.tail.cursor
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

  /** Whether an entry that comes now is for this client and new to it. */
  wants(entry: Entry): boolean {
    return isFor(entry.source, this.#setup.audience) && (!entry.stored || entry.position > this.#position)
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
    const { place, cursor } = this.#house.tail
    // A client that has seen more in another process than this one has followed keeps its own cursor.
    if (place.position >= this.#position) this.#cursor = cursor
  }

  /** The next chunk; null when the client is caught up, or was brought to where the ring begins. */
  take(wanted: () => boolean): MaybePromise<Uint8Array | null> {
    const { ring } = this.#house.tail
    if (this.#seq !== null && this.#seq < ring.start) {
      // Overtaken. Stored events are read from the store; for others there is no way back.
      if (ring.lostUnstoredSince(Math.max(this.#seq, this.#liveFrom))) return this.reset('overflow')
      this.#seq = null
    }
    return this.#seq === null ? this.#readStore(wanted) : this.#readRing(this.#seq)
  }

  /** Says that history was lost, and goes on from here. */
  reset(reason: ResetReason): Uint8Array {
    const { tail, counters } = this.#house
    counters.resets++
    this.#claimed = null
    this.#seq = tail.ring.head
    this.#position = tail.place.position
    this.#cursor = tail.cursor
    const { dialect, audience } = this.#setup
    return encodeFrame(dialect.reset({ cursor: this.#cursor, reason, channels: audience.channels }))
  }

  #readRing(from: number): MaybePromise<Uint8Array | null> {
    const { ring } = this.#house.tail
    const entries: Entry[] = []
    let seq = from
    for (let bytes = 0; seq < ring.head && bytes < maxChunkBytes; seq++) {
      const entry = ring.at(seq)
      if ((entry.stored || seq >= this.#liveFrom) && this.wants(entry)) {
        entries.push(entry)
        bytes += entry.detailJson.length
      }
      this.#position = Math.max(this.#position, entry.position)
    }
    this.#seq = seq
    const chunk = this.#encode(entries)
    // A hook that let nothing pass has not brought the client to the head yet.
    return chunk === null && seq < ring.head ? this.#readRing(seq) : chunk
  }

  async #readStore(wanted: () => boolean): Promise<Uint8Array | null> {
    const { tail, catchUp, makeEntries } = this.#house
    if (catchUp === undefined) return this.reset('not_stored')
    while (wanted()) {
      const position = this.#position
      const claimed = this.#claimed
      const seq = claimed === null ? tail.ring.seqAfter(position) : tail.ring.seqAfterPlace(claimed)
      if (seq !== null) {
        this.#seq = seq
        this.#claimed = null
        return null
      }
      const epoch = (claimed ?? tail.place).epoch
      const page = await catchUp.read(position, this.#setup.audience, wanted)
      if (page === null) return null
      // Meanwhile the log may have turned out to be another one.
      if (this.#position !== position || this.#claimed !== claimed) continue
      const lost = lostBy(page, position, claimed, epoch)
      if (lost !== null) return this.reset(lost)
      const { events, through } = firstOf(page)
      const entries = await makeEntries.stored(events, page.epoch)
      this.#claimed = null
      this.#position = through
      const chunk = await this.#encode(entries.filter(({ source }) => isFor(source, this.#setup.audience)))
      if (chunk !== null) return chunk
      // Neither has the store more, nor does the ring reach back to here: the tail is about to find out why.
      if (through === position) await this.#waitForTail()
    }
    return null
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
    const join = (results: readonly (Entry | null)[]): Uint8Array | null => {
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
    this.#house.counters.delivered += entries.length
    this.#cursor = entries.findLast((entry) => entry.stored)?.event.cursor ?? this.#cursor
  }

  #goBackTo(place: Place): void {
    this.#seq = null
    this.#position = place.position
    this.#claimed = place
  }

  #standAtHead(): void {
    const { ring, place } = this.#house.tail
    this.#seq = ring.head
    this.#position = Math.max(this.#position, place.position)
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
function lostBy(page: Page, position: Position, claimed: Place | null, epoch: string): ResetReason | null {
  if (page.epoch !== epoch) return 'unknown_epoch'
  if (position < page.floor) return 'pruned'
  if (claimed === null) return null
  if (position > page.head) return 'ahead_of_head'
  return page.tag === claimed.tag ? null : 'unknown_epoch'
}
