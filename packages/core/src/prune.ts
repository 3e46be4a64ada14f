import type { PruneQuery, Store } from './ports.ts'
import type { Report } from './report.ts'
import { backoffMs, pause } from './time.ts'

/** How long events are kept. `false` keeps everything. */
export type Retention = false | { readonly maxAgeMs?: number; readonly maxEvents?: number }

const batch = 1_000
const everyMs = 60_000

/** Deletes what is over the retention, in bounded batches, until nothing is; resolves with how many went. */
export async function prune(store: Store, retention: Retention, stopped: AbortSignal): Promise<number> {
  const query = queryOf(retention)
  let count = 0
  if (query === null) return count
  while (!stopped.aborted) {
    const gone = await store.prune(query)
    count += gone
    if (gone < query.limit) break
  }
  return count
}

/** Prunes about once a minute until stopped; processes do not start in step. */
export async function keepPruning(store: Store, retention: Retention, report: Report, stopped: AbortSignal): Promise<void> {
  if (retention === false) return
  while (!stopped.aborted) {
    await pause(everyMs / 2 + backoffMs(0, everyMs, everyMs), stopped)
    try {
      await prune(store, retention, stopped)
    } catch (error) {
      report(error, { stage: 'prune' })
    }
  }
}

function queryOf(retention: Retention): PruneQuery | null {
  if (retention === false) return null
  const { maxAgeMs, maxEvents } = retention
  if (maxAgeMs === undefined && maxEvents === undefined) return null
  return {
    ...(maxAgeMs === undefined ? {} : { before: new Date(Date.now() - maxAgeMs).toISOString() }),
    ...(maxEvents === undefined ? {} : { keep: maxEvents }),
    limit: batch,
  }
}
