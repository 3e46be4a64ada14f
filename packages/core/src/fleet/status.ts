import type { Counters } from '../counters.ts'
import type { ListenerStats } from '../stats.ts'

/** One client's stream, as it is seen from any process. */
export interface ConnectionStatus {
  /** What `disconnect({ connectionId })` takes. */
  readonly id: string
  /** The process that serves it. */
  readonly process: string
  /** null: anonymous. */
  readonly userId: string | null
  readonly channels: readonly string[]
  /** When it was let in, ISO 8601. */
  readonly since: string
  /**
   * Milliseconds: 0 for who is caught up; else the age of the first event after its place, whoever that is for. Of who is behind the
   * memory of its process it is known only that it is at least this.
   */
  readonly lagMs: number
  /** Where it comes from: what `identify` or the adapter said. null: nobody did. */
  readonly address: string | null
}

/** How one process of a deployment is, as it says itself. */
export interface ProcessStatus {
  /** Random, another one after each start: `stats().process` of that process. */
  readonly process: string
  /** When it said so, by its own clock, ISO 8601. */
  readonly at: string
  /** When it was made, ISO 8601. */
  readonly since: string
  readonly listener: ListenerStats
  /** How old the newest event was when it was delivered there, in milliseconds. */
  readonly lagMs: number
  readonly connections: number
  readonly queuedBytes: number
  readonly queueUsage: number | null
  readonly counters: Readonly<Counters>
  /** Up to 20 of its connections, as many as fit 2,000 bytes with the rest: those that lag most, then those that came last. */
  readonly lagging: readonly ConnectionStatus[]
}

/** One user's connections. */
export interface FoundConnections {
  /** At most 100 from each process. */
  readonly connections: readonly ConnectionStatus[]
  /** How many there are. */
  readonly total: number
  /** Processes that were heard of lately and gave no answer within a second: their connections are missing here. */
  readonly silent: readonly string[]
}
