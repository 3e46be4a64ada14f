import type { Counters } from './counters.ts'
import type { HistogramStats } from './measures/histogram.ts'

/** Whether this process is woken by the notifier, and since when. */
export interface ListenerStats {
  /** `polling`: it cannot listen and looks at the log twice a second instead; it goes on trying. */
  readonly state: 'stopped' | 'connecting' | 'listening' | 'polling'
  /** ISO 8601. */
  readonly since: string
  /** When the last payload came, ISO 8601. */
  readonly lastHeard: string | null
}

/** Plain numbers and states of one process. */
export interface Stats {
  /** Names this process among those of its deployment: random, another one after each start. */
  readonly process: string
  readonly listener: ListenerStats
  /** `lagMs`: how old the newest event was when it was delivered here. */
  readonly tail: { readonly cursor: string | null; readonly lagMs: number }
  readonly connections: number
  /** Bytes that are ready for clients and that their hosts have not taken yet; what a host holds back for its socket is the host's. */
  readonly queuedBytes: number
  /**
   * How full the notifier's queue is, from 0 to 1; above 0.8 the log is no longer announced and clients wait for the poll. Asked by
   * calling this, at most every 30 s, so it is the answer to the call before. null: not asked yet, no answer, or a notifier without one.
   */
  readonly queueUsage: number | null
  readonly counters: Readonly<Counters>
  /** Appends to the log: how many events they took, and how many milliseconds. */
  readonly flushes: { readonly events: HistogramStats; readonly ms: HistogramStats }
  /**
   * Milliseconds from an event's `createdAt` to the moment it was handed to the connections that waited for it, once per connection. The
   * first is the database's clock and the second this machine's. What clients catch up with is not in it.
   */
  readonly latencyMs: HistogramStats
}
