/** How far an event has come. */
export const statuses = ['new', 'dispatched', 'sent', 'delivered', 'read', 'error'] as const

/**
 * `new`: in the log. `dispatched`: a process handed it to its receivers. `sent`: written to a stream of this user. `delivered`,
 * `read`: acknowledged by a client. `error`: a hook or a subscriber failed over it. Each beats those before it, and none goes back.
 */
export type Status = (typeof statuses)[number]

/** What happened to an event, once per event, user and status. */
export interface Activity {
  /** The event's id. */
  readonly id: string
  /** Whom it happened with: null for an anonymous client, and where no user is involved. */
  readonly userId: string | null
  readonly status: Exclude<Status, 'new'>
  /** When first, ISO 8601, UTC. */
  readonly at: string
}

/** What is known of an event's way. */
export interface Tracked {
  /** The furthest of its activities; `new` when there are none. */
  readonly status: Status
  /** In the order in which they happened. */
  readonly activities: readonly Activity[]
}

/** Sums activities up. */
export function trackedOf(activities: readonly Activity[]): Tracked {
  const furthest = activities.reduce((rank, { status }) => Math.max(rank, statuses.indexOf(status)), 0)
  return { status: statuses[furthest] ?? 'new', activities }
}
