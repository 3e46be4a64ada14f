import {
  memory,
  type LogEvent,
  type NewEvent,
  type Notifier,
  type Page,
  type Placed,
  type ReadQuery,
  type Store,
} from '@trunkline/core'

import { tagOf } from '../src/cursor.ts'
import { ticks } from './ticks.ts'

/** Small, so that a short schedule has clients that read many. */
const pageEvents = 3

/** Events that are in the log once it is committed. */
export type Transaction = NewEvent[]

/**
 * A log that can forget its newest events, as a database does that fails over to a standby behind it: their positions are issued
 * again. Until its listeners listen anew they hear nothing. Reads of it can be slow before they look, and after.
 */
export class ForgetfulLog {
  readonly store: Store<Transaction>
  readonly notifier: Notifier
  slow: { readonly before: number; readonly after: number } = { before: 0, after: 0 }
  readonly #relisten = new Set<() => void>()
  #events: readonly LogEvent[] = []
  #floor: { readonly position: number; readonly tag: string | null } = { position: 0, tag: null }
  #toLose = 0

  constructor() {
    const { notifier } = memory()
    this.store = {
      append: async (events, { transaction }) => {
        if (transaction === undefined) return events.map((event) => this.#place(event))
        transaction.push(...events)
        return events.map(({ id }) => ({ position: null, id, duplicate: false }))
      },
      bounds: async () => this.#bounds(),
      read: (query) => this.#read(query),
      prune: async ({ keep = 0 }) => this.#prune(this.#events.length - keep),
    }
    this.notifier = {
      notify: async (payload) => {
        if (this.#toLose > 0) this.#toLose--
        else await notifier.notify(payload)
      },
      listen: (handlers) => {
        const again = (): void => handlers.onListening()
        this.#relisten.add(again)
        const stop = notifier.listen(handlers)
        return async () => {
          this.#relisten.delete(again)
          await stop()
        }
      },
    }
  }

  get events(): readonly LogEvent[] {
    return this.#events
  }

  get isHeard(): boolean {
    return this.#toLose === 0
  }

  loseNotifications(count: number): void {
    this.#toLose = Math.max(this.#toLose, count)
  }

  relisten(): void {
    this.#toLose = 0
    for (const again of this.#relisten) again()
  }

  /** Places what was published in a transaction, as a relay does, and hints at it. */
  async commit(transaction: Transaction): Promise<void> {
    for (const event of transaction) this.#place(event)
    await this.notifier.notify('look')
  }

  forget(count: number): void {
    this.#events = this.#events.slice(0, Math.max(0, this.#events.length - count))
    this.#toLose = Infinity
  }

  #place(event: NewEvent): Placed {
    const position = this.#bounds().head + 1
    this.#events = [...this.#events, { ...event, position }]
    return { position, id: event.id, duplicate: false }
  }

  async #read({ after, audience, limit }: ReadQuery): Promise<Page> {
    await ticks(this.slow.before)
    const bounds = this.#bounds()
    const seen = this.#events.filter(
      ({ position, scope, userId, channel }) =>
        position > after &&
        (audience === 'everything' ||
          scope === 'global' ||
          (scope === 'user' && userId === audience.userId) ||
          (scope === 'channel' && audience.channels.includes(channel ?? ''))),
    )
    const events = seen.slice(0, Math.min(limit, pageEvents))
    const through = seen.length > events.length ? (events.at(-1)?.position ?? after) : Math.max(after, bounds.head)
    const tag =
      after === this.#floor.position ? this.#floor.tag : tagOf(this.#events.find(({ position }) => position === after)?.id ?? '')
    await ticks(this.slow.after)
    return { ...bounds, events, through, tag: tag === '' ? null : tag }
  }

  #bounds(): { readonly epoch: string; readonly floor: number; readonly head: number } {
    return { epoch: 'same', floor: this.#floor.position, head: this.#events.at(-1)?.position ?? this.#floor.position }
  }

  #prune(count: number): number {
    const last = this.#events[count - 1]
    if (last === undefined) return 0
    this.#floor = { position: last.position, tag: tagOf(last.id) }
    this.#events = this.#events.slice(count)
    return count
  }
}
