import type { Scope } from './event/event.ts'
import type { Activity } from './tracking/status.ts'

/** A place in the log. Safe integer: 2^53 positions last 1,100 years at 250,000 events/s; a bigint would cost on the hot path and break JSON. */
export type Position = number

/** Names one life of the log and where it begins and ends. */
export interface LogBounds {
  /** A random id, made anew when the log is recreated or found behind itself. 1 to 32 characters of `[A-Za-z0-9_-]`. */
  readonly epoch: string
  /** The position before the oldest stored event; 0 in a log that was never pruned. */
  readonly floor: Position
  /** The position of the newest event; the floor when there is none. */
  readonly head: Position
}

/** A stretch of the log for one audience, with the log's bounds as of the same instant. */
export interface Page extends LogBounds {
  readonly events: readonly LogEvent[]
  /**
   * How far it looked: everything up to here is in `events` or is not for this audience. Never below `after`. A page without events
   * MUST have looked to the head: whoever reads on from it would have no event to be found by.
   */
  readonly through: Position
  /** Tag (last 6 characters of the id) of what stands at `after`; at the floor, of the last event pruned; null when nothing does. */
  readonly tag: string | null
}

/** An event on its way into the log. */
export interface NewEvent {
  readonly id: string
  readonly type: string
  readonly scope: Scope
  readonly userId: string | null
  readonly channel: string | null
  readonly entityId: string | null
  /** The JSON text (or raw text) that was published. A Store MUST give back the same text: not key-sorted, not renumbered. */
  readonly body: string
  /** True when `body` is plain text and not JSON. */
  readonly raw: boolean
  readonly skipUserIds: readonly string[]
  /** ISO 8601, UTC. A store MAY replace it with its own clock, so that order and time agree. */
  readonly createdAt: string
  /** JSON text, or null. */
  readonly privateData: string | null
  readonly idempotencyKey: string | null
}

/** An event that has its place. */
export interface LogEvent extends NewEvent {
  readonly position: Position
}

/** Where append put an event. `position` is null when it is only placed at the commit of the caller's transaction. */
export interface Placed {
  readonly position: Position | null
  /** The event's id; the first event's when `duplicate`. */
  readonly id: string
  /** True when idempotencyKey had been used before; null when that is decided at the commit of the caller's transaction. */
  readonly duplicate: boolean | null
  /** The epoch that the position belongs to. Left out: the one that was last read. */
  readonly epoch?: string
  /**
   * The position of the event before it in the log, whoever wrote that one. With it and `createdAt` the process that published need
   * not read its own events back. Left out: it does.
   */
  readonly after?: Position
  /** The moment that the store gave the event, as {@link LogEvent} has it. */
  readonly createdAt?: string
}

/** Whose events a read is for: global ones, those of the user, those of the channels. Never system events. */
export interface StoreAudience {
  readonly userId: string | null
  readonly channels: readonly string[]
}

/** One stretch of the log, asked for. */
export interface ReadQuery {
  readonly after: Position
  /** `'everything'` includes system events: it is how the tail follows the log. */
  readonly audience: StoreAudience | 'everything'
  /** At most this many events. A store MAY give fewer (to bound bytes) as long as `through` says how far it looked. */
  readonly limit: number
  readonly signal: AbortSignal
}

/** What prune may delete: what either bound lets go. At least one of `before` and `keep` is given. */
export interface PruneQuery {
  /** ISO 8601: events created before it may go. */
  readonly before?: string
  /** How many of the newest events may stay. */
  readonly keep?: number
  /** How many events may go in this call. */
  readonly limit: number
}

/** Keeps the log. Four members and a close; what only some stores can do is in `archive`. */
export interface Store<Tx = never> {
  /** True when append also wakes every process, so that core does not notify again. Defaults to false. */
  readonly notifiesOnAppend?: boolean
  /**
   * MUST be all or nothing per call; positions MUST follow commit order: who has seen position p has seen every position below p
   * that will ever exist. Without a transaction it resolves with one place per event, in the order of `events`. MUST end: with an
   * answer, or a rejection. A TrunklineError with the code `store_unavailable` says that the outcome may be unknown; any other
   * rejection that nothing was stored. `store_refused`, and any error that is no TrunklineError, says that some of these events are
   * at fault: core then tries them apart.
   */
  append(events: readonly NewEvent[], options: { readonly transaction?: Tx }): Promise<readonly Placed[]>
  /**
   * MUST give every event after `after` that the audience may see, in order, at most `limit`, with the log's bounds as of the same
   * instant (bounds read apart from the page lose events to a prune in between).
   */
  read(query: ReadQuery): Promise<Page>
  bounds(): Promise<LogBounds>
  /**
   * Deletes the oldest events, a prefix of the log, in one bounded batch, and moves the floor with them; resolves with how many
   * went. An idempotency key goes with its event. MUST be safe to call from several processes at once.
   */
  prune(query: PruneQuery): Promise<number>
  close?(): Promise<void>
  /** Look-up by id and by filter. Without it those calls are refused with `not_supported`. */
  readonly archive?: Archive
}

/** What can be asked of a stored log. */
export interface EventFilter {
  readonly type?: string
  readonly scope?: Scope
  readonly userId?: string
  readonly channel?: string
  readonly entityId?: string
  readonly createdAfter?: Date
  readonly createdBefore?: Date
  /** Text in the detail. Looks at the newest 50,000 events of the rest of the filter and says how far it looked. */
  readonly text?: string
}

/** How much a store keeps. */
export interface LogSize {
  /** On disk, with indexes and all; null where that cannot be said. */
  readonly bytes: number | null
  /** When the oldest stored event was created, ISO 8601; null when there is none. */
  readonly oldest: string | null
}

/** A store's optional ability to be searched. */
export interface Archive {
  /** The newest event with this id, or null. */
  get(id: string): Promise<LogEvent | null>
  /** Newest first, positions below `before`. `lookedBackTo` is null unless a text search stopped at its bound. */
  find(
    filter: EventFilter & { readonly limit: number; readonly before?: Position },
  ): Promise<{ readonly events: readonly LogEvent[]; readonly lookedBackTo: Position | null }>
  /** How many events a filter has, at most `limit`: it MUST stop there. Without it nobody is told how many there are. */
  count?(filter: Omit<EventFilter, 'text'> & { readonly limit: number }): Promise<number>
  /**
   * Keeps what happened to events, for `tracking`. MUST keep the first of each event, user and status, pass over events it does not
   * have, and take back nothing: an activity below one that the same user has for the event is passed over. Goes with its event.
   */
  track?(activities: readonly Activity[]): Promise<void>
  /** What {@link track} kept for an event, by time and then by rank. A store with one of the two MUST have the other. */
  activities?(id: string): Promise<readonly Activity[]>
  /** How much is stored. MUST be cheap: it is asked once a minute. */
  size?(): Promise<LogSize>
}

/** What a listener is told. */
export interface ListenHandlers {
  onPayload(payload: string): void
  /** MUST be called each time listening is (re)established and before any later payload. */
  onListening(): void
  /** Listening was lost or could not be established; the notifier goes on trying. */
  onError(error: unknown): void
}

/** Wakes every process. Payloads are core's (hints, unstored events, control messages); a Notifier never looks inside. */
export interface Notifier {
  /** UTF-8 bytes one payload may have. Defaults to Infinity; PostgreSQL's is 7,999. */
  readonly maxPayloadBytes?: number
  /**
   * MUST reach every process that listens then, this one included, or reject. What a broken connection loses or repeats is allowed
   * to be lost or repeated. Payloads that one process sends one after the other MUST arrive in that order.
   */
  notify(payload: string): Promise<void>
  /** How full the queue of notifications is, from 0 to 1, where there is one. Asked rarely, for `stats()`. */
  queueUsage?(): Promise<number>
  /** Starts at once; goes on for ever, through every failure, until stopped. */
  listen(handlers: ListenHandlers): Stop
  close?(): Promise<void>
}

/** Stops what was started. Idempotent. */
export type Stop = () => Promise<void>
