import type { Counters } from '../counters.ts'
import type { Report } from '../report.ts'
import type { EntryMaker } from '../tail/entry-maker.ts'
import type { Tail } from '../tail/tail.ts'
import type { Tracker } from '../tracking/tracker.ts'
import type { CatchUp } from './catch-up.ts'

/** What the connections of one process share. */
export interface House {
  readonly tail: Tail
  readonly makeEntries: EntryMaker
  /** Left out: nothing is stored, and there is nothing to catch up with. */
  readonly catchUp: CatchUp | undefined
  readonly counters: Counters
  /** Left out: it is not kept what becomes of events. */
  readonly tracker: Tracker | undefined
  readonly heartbeatMs: number
  readonly hookTimeoutMs: number
  readonly report: Report
  readonly stopped: AbortSignal
}
