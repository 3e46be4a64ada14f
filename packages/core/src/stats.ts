import type { Counters } from './counters.ts'

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
  readonly listener: ListenerStats
  /** `lagMs`: how old the newest event was when it was delivered here. */
  readonly tail: { readonly cursor: string | null; readonly lagMs: number }
  readonly connections: number
  /** Bytes that are ready for clients and that their hosts have not taken yet; what a host holds back for its socket is the host's. */
  readonly queuedBytes: number
  readonly counters: Readonly<Counters>
}
