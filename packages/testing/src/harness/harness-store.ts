import {
  type Archive,
  type NewEvent,
  type Placed,
  type PruneQuery,
  type ReadQuery,
  type Store,
  TrunklineError,
} from '@trunkline/core'

import { type Book, type Published, settle } from './book.ts'
import { createTransaction, type Ended, type HarnessTransaction } from './transaction.ts'

/** What the store of a harness is made of. */
export interface HarnessStoreOptions {
  /** Where the log is. */
  readonly log: Store
  readonly book: Book
  readonly now: () => Date
  /** Undefined keeps events of any age. */
  readonly maxAgeMs: number | undefined
  /** Has every process look at the log. */
  readonly wake: () => Promise<void>
}

/** What was published in a transaction that has not ended. */
interface Held {
  readonly events: NewEvent[]
  readonly entries: Published[]
  /** Once it has ended, nothing more may be published in it. */
  ended: Ended | null
}

/** A log in memory that has transactions, keeps the time of a clock, and remembers what it was given. */
export class HarnessStore implements Store<HarnessTransaction> {
  readonly archive?: Archive
  readonly #options: HarnessStoreOptions
  /** By the object that publish is given. */
  readonly #held = new WeakMap<object, Held>()

  constructor(options: HarnessStoreOptions) {
    this.#options = options
    const { archive } = options.log
    if (archive !== undefined) this.archive = archive
  }

  /** A transaction, which `yours` stands for too. */
  begin(yours: object | undefined): HarnessTransaction {
    const held: Held = { events: [], entries: [], ended: null }
    const transaction = createTransaction(
      (how) => this.#end(held, how),
      () => held.ended !== null,
    )
    this.#held.set(transaction, held)
    if (yours !== undefined) this.#held.set(yours, held)
    return transaction
  }

  async append(
    events: readonly NewEvent[],
    { transaction }: { readonly transaction?: HarnessTransaction },
  ): Promise<readonly Placed[]> {
    const { book } = this.#options
    if (transaction === undefined) {
      const places = await this.#place(events)
      settle(book.write(events, 'live'), places)
      return places
    }
    const held = this.#held.get(transaction)
    if (held === undefined || held.ended !== null) {
      book.write(events, 'refused')
      throw new TrunklineError('invalid_transaction', refusal(held?.ended))
    }
    held.events.push(...events)
    held.entries.push(...book.write(events, 'held'))
    return events.map(({ id }) => ({ position: null, id, duplicate: null }))
  }

  read(query: ReadQuery): ReturnType<Store['read']> {
    return this.#options.log.read(query)
  }

  bounds(): ReturnType<Store['bounds']> {
    return this.#options.log.bounds()
  }

  /** Core says how old events may be by its own clock. Here the harness's counts. */
  prune({ before: _before, ...query }: PruneQuery): Promise<number> {
    const { log, now, maxAgeMs } = this.#options
    return log.prune(maxAgeMs === undefined ? query : { ...query, before: new Date(now().getTime() - maxAgeMs).toISOString() })
  }

  async #end(held: Held, how: Ended): Promise<void> {
    if (held.ended !== null) throw new Error(`This transaction of the harness was ${held.ended} already.`)
    held.ended = how
    if (how === 'rolled back') {
      for (const entry of held.entries) entry.fate = how
    } else if (held.events.length > 0) {
      settle(held.entries, await this.#place(held.events))
      await this.#options.wake()
    }
  }

  /** Stored at the time of the clock, as PostgreSQL stores them at its own. */
  #place(events: readonly NewEvent[]): Promise<readonly Placed[]> {
    const createdAt = this.#options.now().toISOString()
    return this.#options.log.append(
      events.map((event) => ({ ...event, createdAt })),
      {},
    )
  }
}

function refusal(ended: Held['ended'] | undefined): string {
  if (ended === undefined || ended === null) {
    return (
      'This transaction is none of the harness: it is in memory, and cannot see when yours commits. Pass harness.transaction(), ' +
      'or tell the harness of yours before: harness.transaction(yours), which arrives at its commit().'
    )
  }
  return `This transaction of the harness was ${ended} already. Await publish before the transaction ends.`
}
