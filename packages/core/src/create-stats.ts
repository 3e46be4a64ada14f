import type { Counters } from './counters.ts'
import type { Hub } from './hub/hub.ts'
import type { Listener } from './listener.ts'
import type { Measures } from './measures/measures.ts'
import type { Notifier } from './ports.ts'
import { QueueUsage } from './queue-usage.ts'
import type { Stats } from './stats.ts'
import type { Tail } from './tail/tail.ts'

/** Where the numbers come from. */
export interface StatsSources {
  readonly process: string
  readonly notifier: Notifier
  readonly hub: Hub
  readonly tail: Tail
  readonly counters: Counters
  readonly measures: Measures
  readonly listener: () => Listener
}

/** Makes the function that gathers the numbers of this process as they are when it is called. */
export function createStats({ process, notifier, hub, tail, counters, measures, listener }: StatsSources): () => Stats {
  const queueUsage = new QueueUsage(notifier)
  return () => ({
    process,
    listener: listener().stats,
    tail: { cursor: tail.cursor === '' ? null : tail.cursor, lagMs: tail.lagMs },
    connections: hub.size,
    queuedBytes: hub.queuedBytes,
    // Only of a process that is at work: asking opens a connection to the database.
    queueUsage: queueUsage.look(listener().stats.state !== 'stopped'),
    counters: { ...counters },
    flushes: { events: measures.flushEvents.stats, ms: measures.flushMs.stats },
    latencyMs: measures.latencyMs.stats,
  })
}
