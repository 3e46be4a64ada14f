import type { Place } from '../cursor.ts'
import { tagOf } from '../cursor.ts'
import type { Position } from '../ports.ts'
import type { Entry } from './entry.ts'

/** What a ring holds at most. */
export interface RingBounds {
  readonly entries: number
  /** Of details, in characters. */
  readonly bytes: number
}

const defaultBounds: RingBounds = { entries: 8_192, bytes: 16 * 1_024 * 1_024 }

/**
 * The newest entries of this process, stored and unstored ones, in the order in which they came. Entries are numbered: `start` is
 * the oldest kept, `head` the next to come. Bounded by count and by the bytes of the details; at the bound the oldest go, and who
 * still needs them reads the store.
 */
export class Ring {
  readonly #bounds: RingBounds
  readonly #slots: (Entry | undefined)[]
  #bytes = 0
  #start = 0
  #head = 0
  /** Every stored event after this place is in the ring. */
  #floor: Place
  #lastLostUnstored = -1

  constructor(floor: Place, bounds: RingBounds = defaultBounds) {
    this.#bounds = bounds
    this.#slots = Array.from({ length: bounds.entries })
    this.#floor = floor
  }

  get start(): number {
    return this.#start
  }

  get head(): number {
    return this.#head
  }

  /** Entry number `seq`, which must be kept: `start <= seq < head`. */
  at(seq: number): Entry {
    return this.#slots[seq % this.#bounds.entries] as Entry
  }

  push(entry: Entry): void {
    if (this.#head - this.#start === this.#bounds.entries) this.#evict()
    this.#slots[this.#head % this.#bounds.entries] = entry
    this.#head++
    this.#bytes += entry.detailJson.length
    while (this.#bytes > this.#bounds.bytes && this.#start < this.#head - 1) this.#evict()
  }

  /** Whether an entry that is in no store went since `seq`: who stood there has missed it for ever. */
  lostUnstoredSince(seq: number): boolean {
    return this.#lastLostUnstored >= seq
  }

  /** The number of the first entry after a position whose place in the log is certain; null when the ring does not reach back there. */
  seqAfter(position: Position): number | null {
    if (position < this.#floor.position) return null
    let low = this.#start
    let high = this.#head
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.at(middle).position <= position) low = middle + 1
      else high = middle
    }
    return low
  }

  /** As {@link seqAfter}, for a place that somebody claims: the ring must know the very event that the place names. */
  seqAfterPlace(place: Place): number | null {
    const seq = this.seqAfter(place.position)
    return seq !== null && place.epoch === this.#floor.epoch && this.#tagAt(place.position, seq) === place.tag ? seq : null
  }

  /** Forgets everything: the log goes on from another place. Numbers go on. */
  clear(floor: Place): void {
    while (this.#start < this.#head) this.#evict()
    this.#floor = floor
  }

  /** The tag of the event at a position; undefined when the ring knows of none. Unstored entries repeat the position before them. */
  #tagAt(position: Position, seqAfter: number): string | null | undefined {
    for (let seq = seqAfter - 1; seq >= this.#start; seq--) {
      const entry = this.at(seq)
      if (entry.position !== position) return undefined
      if (entry.stored) return tagOf(entry.source.id)
    }
    return position === this.#floor.position ? this.#floor.tag : undefined
  }

  #evict(): void {
    const entry = this.at(this.#start)
    this.#slots[this.#start % this.#bounds.entries] = undefined
    if (entry.stored) this.#floor = { epoch: this.#floor.epoch, position: entry.position, tag: tagOf(entry.source.id) }
    else this.#lastLostUnstored = this.#start
    this.#bytes -= entry.detailJson.length
    this.#start++
  }
}
