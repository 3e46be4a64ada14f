import { isOwn } from './control.ts'
import { formatCursor } from './cursor.ts'
import { TrunklineError } from './errors.ts'
import type { StoredEvent } from './event/event.ts'
import type { Receipt } from './event/publish-input.ts'
import { placeOf, readStoredEvent } from './event/read-event.ts'
import { checkFilter } from './filter.ts'
import { type Log, noStore } from './log.ts'
import type { Archive, Store } from './ports.ts'
import type { PublishRoad } from './publisher/publish-road.ts'
import { again, oldestFirst } from './replay.ts'

/** How to replay many. */
export interface ReplayOptions {
  /** Hears how many events have been sent, after each batch. */
  readonly onProgress?: (count: number) => void
  readonly signal?: AbortSignal
}

/** What was stored: looked up, searched, and sent again. Needs a store with an archive. */
export class History {
  readonly #store: Store<unknown> | undefined
  readonly #log: Log | undefined
  readonly #road: PublishRoad

  constructor(store: Store<unknown> | undefined, log: Log | undefined, road: PublishRoad) {
    this.#store = store
    this.#log = log
    this.#road = road
  }

  async get(id: string): Promise<StoredEvent | null> {
    const { archive, log } = this.#need('get()')
    const event = await archive.get(id)
    return event === null ? null : readStoredEvent(event, (await log.bounds()).epoch)
  }

  async find(filter: object): Promise<{ readonly events: readonly StoredEvent[]; readonly next: string | null }> {
    const { archive, log } = this.#need('find()')
    const query = checkFilter(filter)
    const [{ events, lookedBackTo }, { epoch }] = await Promise.all([archive.find(query), log.bounds()])
    const last = events.at(-1)
    const isFull = last !== undefined && events.length === query.limit
    // A text search that stopped at its bound goes on from there, whether it found something or not.
    const next = isFull ? placeOf(last, epoch) : lookedBackTo === null ? null : { epoch, position: lookedBackTo, tag: null }
    return { events: events.map((event) => readStoredEvent(event, epoch)), next: next === null ? null : formatCursor(next) }
  }

  /** How many events a filter has, at most `limit`; null when the store cannot count. */
  async count(filter: object, limit: number): Promise<number | null> {
    const { archive } = this.#need('count()')
    const { limit: _page, text: _text, ...query } = checkFilter(filter)
    return (await archive.count?.({ ...query, limit })) ?? null
  }

  async replay(id: string): Promise<Receipt> {
    const { archive } = this.#need('replay()')
    const event = await archive.get(id)
    if (event === null) {
      throw new TrunklineError('not_found', `No stored event has the id ${JSON.stringify(id)}. It may have been pruned.`)
    }
    if (isOwn(event)) {
      throw new TrunklineError(
        'reserved_type',
        `An event of the type ${JSON.stringify(event.type)} is Trunkline's own, and is not sent again.`,
      )
    }
    const [receipt] = await this.#road.send([again(event)])
    return receipt as Receipt
  }

  async replayMany(filter: object, { signal, onProgress }: ReplayOptions): Promise<{ readonly count: number }> {
    const { archive } = this.#need('replayMany()')
    const { limit: _limit, ...query } = checkFilter(filter)
    let count = 0
    for await (const events of oldestFirst(archive, query)) {
      signal?.throwIfAborted()
      // A disconnect of last week would disconnect today.
      const theirs = events.filter((event) => !isOwn(event))
      if (theirs.length > 0) await this.#road.send(theirs.map(again))
      count += theirs.length
      onProgress?.(count)
    }
    return { count }
  }

  #need(what: string): { readonly archive: Archive; readonly log: Log } {
    const archive = this.#store?.archive
    if (this.#log === undefined) throw noStore(what)
    if (archive !== undefined) return { archive, log: this.#log }
    throw new TrunklineError('not_supported', `${what} needs a store with an archive, and this one has none.`)
  }
}
