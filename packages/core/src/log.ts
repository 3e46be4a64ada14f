import { formatCursor, type Place } from './cursor.ts'
import { TrunklineError } from './errors.ts'
import type { LogBounds, Page, Position, Store, StoreAudience } from './ports.ts'
import { within } from './time.ts'

/** How long one read of the log may take, in milliseconds. */
const readLimitMs = 10_000

/** What a log can do to a place. */
export type Loss = 'pruned' | 'unknown_epoch' | 'ahead_of_head'

/** Reading the log through whatever store there is: every read ends, and places come with their tags. */
export class Log {
  readonly #store: Store
  #epoch: Promise<string> | undefined

  constructor(store: Store) {
    this.#store = store
  }

  bounds(): Promise<LogBounds> {
    return within(readLimitMs, 'Reading the bounds of the log', this.#store.bounds())
  }

  read(after: Position, audience: StoreAudience | 'everything', limit: number): Promise<Page> {
    const signal = AbortSignal.timeout(readLimitMs)
    return within(readLimitMs, 'Reading the log', this.#store.read({ after, audience, limit, signal }))
  }

  /** The place of the newest event, or the one before the oldest, with its tag, as of now in the store itself. */
  async place(at: 'head' | 'floor'): Promise<Place> {
    const bounds = await this.bounds()
    let position = bounds[at]
    for (;;) {
      const page = await this.read(position, 'everything', 1)
      this.learn(page.epoch)
      if (page.epoch !== bounds.epoch || page.head < position) return this.place(at)
      // Between the two reads the events up to a new floor may have been pruned.
      if (page.floor <= position) return { epoch: page.epoch, position, tag: page.tag }
      position = page.floor
    }
  }

  /** Why the log, as it is now, cannot go on from a place; null when it can. */
  async lost(place: Place): Promise<Loss | null> {
    return lostBy(await this.read(place.position, 'everything', 1), place)
  }

  async cursor(at: 'head' | 'floor'): Promise<string> {
    return formatCursor(await this.place(at))
  }

  /** The epoch as last heard of; asks once when nothing was heard. */
  epoch(): Promise<string> {
    this.#epoch ??= this.bounds().then(
      ({ epoch }) => epoch,
      (error: unknown) => {
        this.#epoch = undefined
        throw error
      },
    )
    return this.#epoch
  }

  /** What a page said of the epoch. */
  learn(epoch: string): void {
    this.#epoch = Promise.resolve(epoch)
  }
}

/** Why the log, as it was when the page after a place was read, cannot go on from that place; null when it can. */
export function lostBy(page: Page, { epoch, position, tag }: Place): Loss | null {
  if (page.epoch !== epoch) return 'unknown_epoch'
  if (position < page.floor) return 'pruned'
  if (position > page.head) return 'ahead_of_head'
  return page.tag === tag ? null : 'unknown_epoch'
}

/** The error of everything that needs a store. */
export function noStore(what: string): TrunklineError {
  return new TrunklineError(
    'no_store',
    `${what} needs a store, and this trunkline has only a notifier. Give createTrunkline a store.`,
  )
}
