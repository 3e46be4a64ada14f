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

  /** The newest entry with this id. Looks through all: for what is asked now and then. */
  find(id: string): Entry | undefined {
    for (let seq = this.#head - 1; seq >= this.#start; seq--) if (this.at(seq).source.id === id) return this.at(seq)
    return undefined
  }

  /** Entry number `seq`, which must be kept: `start <= seq < head`. */
  at(seq: number): Entry {
    return this.#slots[seq % this.#bounds.entries] as Entry
  }

  /** The number of an entry that came just now; null when it is not kept. */
  seqOf(entry: Entry): number | null {
    for (let seq = this.#head - 1; seq >= this.#start; seq--) if (this.at(seq) === entry) return seq
    return null
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

  /** The place after which the ring has every stored event. */
  get floor(): Place {
    return this.#floor
  }

  /** The number of the first entry that is kept after a position. */
  seqAfter(position: Position): number {
    let low = this.#start
    let high = this.#head
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.at(middle).position <= position) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The number of the first entry after a place; null when the ring does not reach back there, or does not know that very event. */
  seqAfterPlace({ epoch, position, tag }: Place): number | null {
    const seq = this.seqAfter(position)
    const before = this.placeBefore(seq)
    return before.epoch === epoch && before.position === position && before.tag === tag ? seq : null
  }

  /** The place of the last stored entry before number `seq`. */
  placeBefore(seq: number): Place {
    for (let before = seq - 1; before >= this.#start; before--) {
      const entry = this.at(before)
      if (entry.stored) return this.#placeOf(entry)
    }
    return this.#floor
  }

  /** An entry that is in no store never came: who is here now has missed it. Everything goes, for it has a number and no entry. */
  skip(): void {
    this.clear(this.placeBefore(this.#head))
    this.#lastLostUnstored = this.#head
    this.#head++
    this.#start = this.#head
  }

  /** Forgets everything: the log goes on from another place. Numbers go on. */
  clear(floor: Place): void {
    while (this.#start < this.#head) this.#evict()
    this.#floor = floor
  }

  #evict(): void {
    const entry = this.at(this.#start)
    this.#slots[this.#start % this.#bounds.entries] = undefined
    if (entry.stored) this.#floor = this.#placeOf(entry)
    else this.#lastLostUnstored = this.#start
    this.#bytes -= entry.detailJson.length
    this.#start++
  }

  #placeOf({ position, source }: Entry): Place {
    return { epoch: this.#floor.epoch, position, tag: tagOf(source.id) }
  }
}
