import { parseCursor, type Place } from '../cursor.ts'
import { placeOf } from '../event/read-event.ts'
import { isThenable, type MaybePromise } from '../hooks.ts'
import { type Audience, isFor } from '../hub/routing.ts'
import { lostBy } from '../log.ts'
import { type Entry, lastCursor, type Run } from '../tail/entry.ts'
import { pause } from '../time.ts'
import type { ResetReason } from '../wire/dialect.ts'
import { encodeFrame } from '../wire/frame.ts'
import { type Chunk, type ChunkSetup, makeChunk, maxChunkEvents, maxChunkLength } from './chunks.ts'
import type { House } from './house.ts'

/** Whose place it is, and how it is read. */
export interface LogReaderSetup extends ChunkSetup {
  readonly audience: Audience
}

/**
 * A client's place in the log, and the bytes from there on. Reads the ring as far as that reaches back, and the store before; says
 * `reset` when neither can go on from the place. Holds no event.
 *
 * A database can forget events that clients have seen, and give their positions to others. So whoever reads on from a place has to
 * find the event that it names, each time; and {@link rejoin} takes back what was being made ready from a log that is no more: the
 * place is another object then. It moves on only with what is ready.
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

  /**
   * How old the first event after its place is, whoever it is for, in milliseconds; 0 when there is none. The oldest in the ring stands
   * for what is behind that.
   */
  get lagMs(): number {
    const { ring } = this.#house.tail
    const seq = Math.max(this.#seq ?? ring.start, ring.start)
    return seq < ring.head ? Math.max(0, Date.now() - Date.parse(ring.at(seq).event.createdAt)) : 0
  }

  /** Takes the place a client resumes from, to be checked before the first event; or says what is wrong with it at first sight. */
  claim(cursor: string): ResetReason | null {
    if (this.#house.catchUp === undefined) return 'not_stored'
    const place = parseCursor(cursor)
    if (place === null) return 'malformed'
    this.#cursor = cursor
    this.#leaveRing(place)
    return null
  }

  /**
   * The log is not the one it was: what was written last has to be found in it. Who is caught up need not look when that was before
   * the place at which the process goes on (`isKnown`: it had been there).
   */
  rejoin(isCaughtUp: boolean, isKnown: boolean): void {
    const { tail } = this.#house
    const place = parseCursor(this.#cursor)
    if (place === null) return
    if (isCaughtUp) this.#unstoredFrom = tail.ring.head
    if (isCaughtUp && isKnown && place.position <= tail.place.position) this.moveToHead()
    else this.#leaveRing(place)
  }

  /** Whether an entry is for this client. */
  wants(entry: Entry): boolean {
    return isFor(entry.source, this.#setup.audience)
  }

  /** The chunk of what came to a client that is caught up; null when its hook let nothing pass. */
  pass(run: Run): MaybePromise<Uint8Array | null> {
    const { dialect, beforeSend } = this.#setup
    if (beforeSend === undefined) {
      this.#standAtHead()
      this.#count(run.entries, run.cursor)
      return run.bytes(dialect)
    }
    // What a hook makes of it may not fit into one chunk: it is read in the ring, as by those who are behind.
    const { ring } = this.#house.tail
    this.#seq = ring.seqOf(run.entries[0] as Entry)
    if (this.#seq === null) return null
    this.#unstoredFrom = this.#seq
    return this.#readRing(this.#seq)
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
    if (ring.lostUnstoredSince(this.#unstoredFrom)) return this.#overflow()
    if (this.#seq !== null && this.#seq < ring.start) this.#seq = null
    if (this.#seq === ring.head) return this.#isCaughtUp()
    return this.#seq === null ? this.#readStore(wanted) : this.#readRing(this.#seq)
  }

  /** Says that history was lost, and goes on from here. */
  reset(reason: ResetReason): Uint8Array {
    this.moveToHead()
    return this.#saysReset(reason)
  }

  /** What is lost is in no store. Who reads the store goes on where it is: the tail may be behind that. */
  #overflow(): Uint8Array {
    if (this.#seq !== null) return this.reset('overflow')
    this.#unstoredFrom = this.#house.tail.ring.head
    return this.#saysReset('overflow')
  }

  #saysReset(reason: ResetReason): Uint8Array {
    this.#house.counters.resets++
    const { dialect, audience } = this.#setup
    return encodeFrame(dialect.reset({ cursor: this.#cursor, reason, channels: audience.channels }))
  }

  /** After each delivery a client asks once more: a look at the ring would cost more than all the rest of its way through here. */
  #isCaughtUp(): null {
    const { ring, place } = this.#house.tail
    this.#unstoredFrom = Math.max(this.#unstoredFrom, ring.head)
    this.#place = furthest(this.#place, place)
    return null
  }

  #readRing(from: number): MaybePromise<Uint8Array | null> {
    const { ring, place: head } = this.#house.tail
    const place = this.#place
    const entries: Entry[] = []
    const seqs: number[] = []
    let seq = from
    for (let length = 0; seq < ring.head && length < maxChunkLength && entries.length < maxChunkEvents; seq++) {
      const entry = ring.at(seq)
      const isNew = entry.stored ? entry.position > place.position : seq >= this.#unstoredFrom
      if (!isNew || !this.wants(entry)) continue
      entries.push(entry)
      seqs.push(seq)
      length += entry.detailJson.length
    }
    const reached = seq === ring.head ? head : ring.placeBefore(seq)
    const finish = (chunk: Chunk): Uint8Array | null => {
      if (this.#place !== place) return null
      const cut = seqs[chunk.taken]
      this.#seq = cut ?? seq
      this.#unstoredFrom = Math.max(this.#unstoredFrom, this.#seq)
      this.#place = cut === undefined ? furthest(place, reached) : furthest(place, lastPlace(entries.slice(0, chunk.taken)))
      this.#count(chunk.sent)
      return chunk.bytes
    }
    const chunk = makeChunk(entries, this.#setup, this.#house)
    if (isThenable(chunk)) return chunk.then(finish)
    // A hook that let nothing pass has not brought the client to the head yet.
    return finish(chunk) ?? (seq < ring.head ? this.#readRing(seq) : null)
  }

  async #readStore(wanted: () => boolean): Promise<Uint8Array | null> {
    const { tail, catchUp, makeEntries } = this.#house
    if (catchUp === undefined) return this.reset('not_stored')
    const { ring } = tail
    let head = Number.POSITIVE_INFINITY
    while (wanted()) {
      const place = this.#place
      const seq = ring.seqAfterPlace(place)
      if (seq !== null) return this.#enterRing(seq)
      const followed = tail.place.position
      const page = await catchUp.read(place, this.#setup.audience, wanted)
      if (page === null) return null
      if (this.#place !== place) continue
      const lost = lostBy(page, place)
      if (lost !== null) {
        // Not before the tail has come to the head: this client may have seen all up to there.
        head = Math.min(head, page.head)
        if (tail.place.epoch === page.epoch && tail.place.position >= head) return this.reset(lost)
        await this.#waitForTail()
        continue
      }
      const entries = await makeEntries.stored(page.events, page.epoch)
      const own = entries.filter((entry) => this.wants(entry))
      const chunk = await makeChunk(own, this.#setup, this.#house)
      if (this.#place !== place) continue
      const last = page.events.at(-1)
      const isCut = chunk.taken < own.length
      if (isCut) this.#place = lastPlace(own.slice(0, chunk.taken)) ?? place
      else if (last !== undefined) this.#place = placeOf(last, page.epoch)
      // Up to here the store has nothing more for this client, and the tail has followed it.
      const sure = Math.min(isCut ? this.#place.position : page.through, followed)
      if (sure >= Math.max(this.#place.position, ring.floor.position)) this.#enterRing(ring.seqAfter(this.#place.position))
      this.#count(chunk.sent)
      if (chunk.bytes !== null || this.#seq !== null) return chunk.bytes
      if (last === undefined) await this.#waitForTail(page.through, wanted)
    }
    return null
  }

  #enterRing(seq: number): null {
    this.#seq = Math.max(this.#house.tail.ring.start, Math.min(seq, this.#unstoredFrom))
    return null
  }

  #leaveRing(place: Place): void {
    this.#seq = null
    this.#place = place
  }

  #standAtHead(): void {
    const { ring, place } = this.#house.tail
    this.#seq = ring.head
    this.#unstoredFrom = ring.head
    this.#place = place
  }

  #count(entries: readonly Entry[], cursor: string | undefined = lastCursor(entries)): void {
    const { counters, tracker } = this.#house
    counters.delivered += entries.length
    tracker?.sent(entries, this.#setup.audience.userId)
    this.#cursor = cursor ?? this.#cursor
  }

  /**
   * The store has no more, and the tail has not come to there: it is about to, or to find out why not. Looks a few times whether it
   * has, and not for ever: a log can also go back to before that.
   */
  async #waitForTail(position = 0, wanted = (): boolean => true): Promise<void> {
    const { tail, stopped } = this.#house
    for (let looks = 0; looks === 0 || (looks < 20 && wanted() && tail.place.position < position); looks++) {
      tail.look()
      await pause(50, stopped)
    }
  }
}

/** Of two places in one life of the log. */
function furthest(place: Place, other: Place | null): Place {
  return other !== null && other.position > place.position ? other : place
}

/** Where the last of these stands that is stored. */
function lastPlace(entries: readonly Entry[]): Place | null {
  return parseCursor(lastCursor(entries) ?? '')
}
