/** What this process has done since it started. */
export interface Counters {
  /** Events that publish took. */
  published: number
  /** Of those, events that were stored, or given to a transaction that may still roll them back. */
  stored: number
  /** Events handed to connections. */
  delivered: number
  /** Events that a hook dropped on their way to a connection. */
  dropped: number
  /** Clients that were told that history was lost. */
  resets: number
  /** Reads of the store for clients that were behind the ring. */
  catchUpReads: number
  /** Appends: one for all events that were published while the one before was in flight. */
  flushes: number
}

/** All at zero. */
export function createCounters(): Counters {
  return { published: 0, stored: 0, delivered: 0, dropped: 0, resets: 0, catchUpReads: 0, flushes: 0 }
}
