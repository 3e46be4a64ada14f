import { tagOf } from '../cursor.ts'
import { TrunklineError } from '../errors.ts'
import type {
  Archive,
  EventFilter,
  LogBounds,
  LogEvent,
  NewEvent,
  Page,
  Placed,
  Position,
  PruneQuery,
  ReadQuery,
  Store,
} from '../ports.ts'
import { isFor } from '../hub/routing.ts'
import { type Activity, statuses } from '../tracking/status.ts'

const maxEvents = 100_000
const maxTextSearch = 50_000
/** Of bodies in one page, and one event. */
const maxPageBytes = 256 * 1_024

/** A Store in memory: a list of events, the oldest of which may have been pruned. */
export class MemoryStore implements Store {
  readonly #epoch = crypto.randomUUID().slice(0, 8)
  readonly #byKey = new Map<string, LogEvent>()
  readonly #activities = new Map<string, readonly Activity[]>()
  #events: LogEvent[] = []
  #floor: Position = 0
  #floorTag: string | null = null

  readonly archive: Archive = {
    get: async (id) => this.#events.findLast((event) => event.id === id) ?? null,
    find: async (filter) => this.#find(filter),
    count: async ({ limit, ...filter }) => Math.min(limit, this.#events.filter((event) => isWanted(event, filter)).length),
    track: async (activities) => activities.forEach((activity) => this.#track(activity)),
    activities: async (id) => this.#activities.get(id) ?? [],
    size: async () => ({ bytes: null, oldest: this.#events[0]?.createdAt ?? null }),
  }

  async append(events: readonly NewEvent[], options: { readonly transaction?: never }): Promise<readonly Placed[]> {
    if (options.transaction !== undefined) {
      throw new TrunklineError(
        'invalid_transaction',
        'memory() has no transactions. Leave transaction out, or use a store that has them.',
      )
    }
    const placed = events.map((event) => this.#place(event))
    if (this.#events.length > maxEvents) this.#drop(this.#events.length - maxEvents)
    return placed
  }

  async read({ after, audience, limit }: ReadQuery): Promise<Page> {
    const bounds = this.#bounds()
    const from = this.#indexAfter(after)
    const events: LogEvent[] = []
    let through = Math.max(after, bounds.head)
    let bytes = 0
    for (const event of this.#events.slice(from)) {
      if (audience !== 'everything' && !isVisible(event, audience)) continue
      if (events.length === limit || bytes >= maxPageBytes) {
        through = (events.at(-1) ?? { position: after }).position
        break
      }
      events.push(event)
      bytes += event.body.length
    }
    return { ...bounds, events, through, tag: this.#tagAt(after) }
  }

  async bounds(): Promise<LogBounds> {
    return this.#bounds()
  }

  async prune({ before, keep, limit }: PruneQuery): Promise<number> {
    const young = before === undefined ? -1 : this.#events.findIndex(({ createdAt }) => createdAt >= before)
    const old = before === undefined ? 0 : young === -1 ? this.#events.length : young
    const excess = keep === undefined ? 0 : Math.max(0, this.#events.length - keep)
    return this.#drop(Math.min(limit, Math.max(old, excess)))
  }

  #bounds(): LogBounds {
    return { epoch: this.#epoch, floor: this.#floor, head: this.#events.at(-1)?.position ?? this.#floor }
  }

  #place(event: NewEvent): Placed {
    const first = event.idempotencyKey === null ? undefined : this.#byKey.get(event.idempotencyKey)
    if (first !== undefined) return { position: first.position, id: first.id, duplicate: true }
    const { epoch, head } = this.#bounds()
    const stored: LogEvent = { ...event, position: head + 1 }
    this.#events.push(stored)
    if (event.idempotencyKey !== null) this.#byKey.set(event.idempotencyKey, stored)
    return { position: stored.position, id: stored.id, duplicate: false, epoch, after: head, createdAt: stored.createdAt }
  }

  #drop(count: number): number {
    const gone = this.#events.slice(0, count)
    const last = gone.at(-1)
    if (last === undefined) return 0
    this.#events = this.#events.slice(count)
    this.#floor = last.position
    this.#floorTag = tagOf(last.id)
    for (const { idempotencyKey } of gone) if (idempotencyKey !== null) this.#byKey.delete(idempotencyKey)
    for (const { id } of gone) if (!this.#events.some((event) => event.id === id)) this.#activities.delete(id)
    return gone.length
  }

  #track(activity: Activity): void {
    const { id, userId } = activity
    if (!this.#events.some((event) => event.id === id)) return
    const known = this.#activities.get(id) ?? []
    if (known.some((other) => other.userId === userId && rankOf(other) >= rankOf(activity))) return
    this.#activities.set(
      id,
      [...known, activity].toSorted((a, b) => a.at.localeCompare(b.at) || rankOf(a) - rankOf(b)),
    )
  }

  /** Positions follow each other without holes here. */
  #indexAfter(position: Position): number {
    return Math.min(this.#events.length, Math.max(0, position - this.#floor))
  }

  #tagAt(position: Position): string | null {
    if (position === this.#floor) return this.#floorTag
    const event = this.#events[position - this.#floor - 1]
    return event === undefined ? null : tagOf(event.id)
  }

  #find(filter: EventFilter & { readonly limit: number; readonly before?: Position }): Awaited<ReturnType<Archive['find']>> {
    const events: LogEvent[] = []
    let looked = 0
    for (const event of this.#events.toReversed()) {
      if (filter.before !== undefined && event.position >= filter.before) continue
      if (!isWanted(event, filter)) continue
      if (filter.text !== undefined && ++looked > maxTextSearch) return { events, lookedBackTo: event.position + 1 }
      if (filter.text !== undefined && !event.body.includes(filter.text)) continue
      events.push(event)
      if (events.length === filter.limit) break
    }
    return { events, lookedBackTo: null }
  }
}

function rankOf({ status }: Activity): number {
  return statuses.indexOf(status)
}

function isVisible(event: LogEvent, audience: { readonly userId: string | null; readonly channels: readonly string[] }): boolean {
  // Whom an event skips is core's business, not the store's.
  return isFor({ ...event, skipUserIds: [] }, audience)
}

function isWanted(event: LogEvent, filter: EventFilter): boolean {
  const { type, scope, userId, channel, entityId, createdAfter, createdBefore } = filter
  return (
    (type === undefined || event.type === type) &&
    (scope === undefined || event.scope === scope) &&
    (userId === undefined || event.userId === userId) &&
    (channel === undefined || event.channel === channel) &&
    (entityId === undefined || event.entityId === entityId) &&
    (createdAfter === undefined || event.createdAt > createdAfter.toISOString()) &&
    (createdBefore === undefined || event.createdAt < createdBefore.toISOString())
  )
}
