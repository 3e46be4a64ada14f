import type { Catalogue } from '../catalogue.ts'
import type { Counters } from '../counters.ts'
import { formatCursor, tagOf } from '../cursor.ts'
import { TrunklineError } from '../errors.ts'
import { createEvent, type Draft, type EventSettings, type UncheckedInput } from '../event/create-event.ts'
import type { Scope } from '../event/event.ts'
import type { Receipt } from '../event/publish-input.ts'
import { type Log, noStore } from '../log.ts'
import type { Measures } from '../measures/measures.ts'
import type { NewEvent, Notifier, Placed, Store } from '../ports.ts'
import type { Report } from '../report.ts'
import type { Growth } from '../tail/own-growth.ts'
import { LivePublisher } from './live-publisher.ts'
import { Publisher } from './publisher.ts'

/** What the road is made of. */
export interface PublishRoadOptions {
  readonly store?: Store<unknown> | undefined
  readonly notifier: Notifier
  readonly events?: Catalogue | undefined
  readonly isReliable?: ((channel: string) => boolean) | undefined
  readonly maxEventBytes: number
  readonly log: Log | undefined
  /** Hears what was added to the log by this process. */
  readonly onGrowth: (grown: Growth) => void
  readonly counters: Counters
  readonly measures: Measures
  readonly report: Report
}

/** One event to be published, as it was passed. */
export interface ToPublish {
  readonly scope: Scope
  readonly input: UncheckedInput
}

const scopes: ReadonlySet<unknown> = new Set(['user', 'channel', 'global', 'system'])

/**
 * From what was passed to publish to a receipt: checked as a whole before anything leaves, then into the caller's transaction, into
 * the log by group commit, or past the log when it is not stored.
 */
export class PublishRoad {
  readonly #options: PublishRoadOptions
  readonly #settings: EventSettings
  readonly #publisher: Publisher<unknown> | undefined
  readonly #live: LivePublisher

  constructor(options: PublishRoadOptions) {
    const { store, events, isReliable, maxEventBytes } = options
    this.#options = options
    this.#settings = {
      catalogue: events,
      maxEventBytes,
      isReliable: isReliable ?? (() => true),
      hasStore: store !== undefined,
      now: Date.now,
    }
    this.#live = new LivePublisher(options.notifier)
    this.#publisher = store === undefined ? undefined : new Publisher({ ...options, store })
  }

  async publish(items: readonly ToPublish[], transaction: unknown): Promise<readonly Receipt[]> {
    const drafts = items.map(({ scope, input }) => createEvent(checkScope(scope), input, this.#settings))
    // No await before this: a transaction object used a tick later may belong to nobody any more.
    if (transaction !== undefined) return this.#publishInTransaction(drafts, transaction)
    const unstored = drafts.filter(({ stored }) => !stored).map(({ event }) => this.#live.pack(event))
    const stored = drafts.filter((draft) => draft.stored).map(({ event }) => event)
    // Before the first event is stored, so that no receipt can fail for want of it afterwards.
    const epoch = stored.length > 0 ? await this.#options.log?.epoch() : undefined
    const [placed] = await Promise.all([this.#store(stored), ...unstored.map((packed) => this.#live.send(packed))])
    this.#options.counters.published += drafts.length
    return receipts(drafts, placed, epoch)
  }

  /** Events of Trunkline's own, and events that were published before. */
  async send(events: readonly NewEvent[]): Promise<readonly Receipt[]> {
    if (this.#publisher === undefined) {
      await Promise.all(events.map((event) => this.#live.send(this.#live.pack(event))))
      return receipts(
        events.map((event) => ({ event, stored: false })),
        [],
        undefined,
      )
    }
    const epoch = await this.#options.log?.epoch()
    return receipts(
      events.map((event) => ({ event, stored: true })),
      await this.#store(events),
      epoch,
    )
  }

  async drain(): Promise<void> {
    await Promise.all([this.#publisher?.drain(), this.#live.drain()])
  }

  async #publishInTransaction(drafts: readonly Draft[], transaction: unknown): Promise<readonly Receipt[]> {
    const { store, counters } = this.#options
    if (store === undefined) throw noStore('Publishing in a transaction')
    if (drafts.some(({ stored }) => !stored)) {
      throw new TrunklineError(
        'invalid_event',
        'An event that is not stored cannot wait for a commit. Leave out store: false, or the transaction.',
      )
    }
    const placed = await store.append(
      drafts.map(({ event }) => event),
      { transaction },
    )
    counters.published += drafts.length
    counters.stored += drafts.length
    return receipts(drafts, placed, undefined)
  }

  async #store(events: readonly NewEvent[]): Promise<readonly Placed[]> {
    if (events.length === 0 || this.#publisher === undefined) return []
    return this.#publisher.publish(events)
  }
}

function receipts(drafts: readonly Draft[], placed: readonly Placed[], epoch: string | undefined): readonly Receipt[] {
  const places = placed.values()
  return drafts.map(({ event, stored }) => {
    const place = stored ? places.next().value : undefined
    if (place === undefined) return { id: event.id, cursor: null, duplicate: false }
    const { id, position, duplicate } = place
    const life = place.epoch ?? epoch
    const cursor = position === null || life === undefined ? null : formatCursor({ epoch: life, position, tag: tagOf(id) })
    return { id, cursor, duplicate }
  })
}

function checkScope(scope: unknown): Scope {
  if (scopes.has(scope)) return scope as Scope
  throw new TrunklineError(
    'invalid_event',
    `Each item of publishMany says its scope: user, channel, global or system. Got ${JSON.stringify(scope)}.`,
  )
}
