import { formatCursor, type Place } from './cursor.ts'
import { TrunklineError } from './errors.ts'
import type { LogBounds, Page, Position, Store, StoreAudience } from './ports.ts'
import { within } from './time.ts'

/** How long one read of the log may take, in milliseconds. */
const readLimitMs = 10_000

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
      if (page.epoch !== bounds.epoch) return this.place(at)
      // Between the two reads the events up to a new floor may have been pruned.
      if (page.floor <= position) return { epoch: page.epoch, position, tag: page.tag }
      position = page.floor
    }
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

/** The error of everything that needs a store. */
export function noStore(what: string): TrunklineError {
  return new TrunklineError(
    'no_store',
    `${what} needs a store, and this trunkline has only a notifier. Give createTrunkline a store.`,
  )
}
