import type { LogEvent, NewEvent, Placed, Position, Scope, TrunklineEvent } from '@trunkline/core'

/**
 * What became of an event that was published: its place in the log, or that it is not stored (`live`), waits for a commit (`held`), was
 * rolled back, was a repetition of its idempotencyKey, or came with a transaction that the harness does not know (`refused`).
 */
export type Fate = Position | 'live' | 'held' | 'rolled back' | 'repeated' | 'refused'

/** An event that was published, and what became of it. */
export interface Published {
  readonly id: string
  readonly type: string
  readonly detail: unknown
  readonly scope: Scope
  readonly userId: string | null
  readonly channel: string | null
  readonly skipUserIds: readonly string[]
  fate: Fate
}

/** So many events are remembered, the newest ones. */
const maxEntries = 1_000

/** What was published: what a failed expectation explains itself with. */
export class Book {
  readonly entries: Published[] = []

  /** Events of an append. Core's own, of which an application knows nothing, are left out. */
  write(events: readonly NewEvent[], fate: Fate): readonly Published[] {
    return events.map((event) => this.#add(publishedOf(event, fate)))
  }

  /** An event that passed the log by. */
  writeLive(event: TrunklineEvent): void {
    const { id, type, detail, scope, userId = null, channel = null } = event
    // Whom it skips is not told to subscribers.
    this.#add({ id, type, detail, scope, userId, channel, skipUserIds: [], fate: 'live' })
  }

  #add(entry: Published): Published {
    if (!entry.type.startsWith('trunkline.')) this.entries.push(entry)
    if (this.entries.length > maxEntries) this.entries.shift()
    return entry
  }
}

/** What became of events, now that they have their places. */
export function settle(entries: readonly Published[], places: readonly Placed[]): void {
  for (const [index, entry] of entries.entries()) {
    const place = places[index]
    entry.fate = place?.duplicate === true ? 'repeated' : (place?.position ?? entry.fate)
  }
}

function publishedOf(event: NewEvent | LogEvent, fate: Fate): Published {
  const { id, type, scope, userId, channel, skipUserIds, body, raw } = event
  return { id, type, detail: raw ? body : (JSON.parse(body) as unknown), scope, userId, channel, skipUserIds, fate }
}
