import type { Hub } from '../hub/hub.ts'
import type { Notifier } from '../ports.ts'
import type { Report } from '../report.ts'
import type { Stats } from '../stats.ts'
import { describeConnection, describeProcess } from './describe.ts'
import { Fleet } from './fleet.ts'

/** What this process has to tell, and through what. */
export interface FleetSources {
  readonly process: string
  readonly notifier: Notifier
  readonly hub: Hub
  readonly stats: () => Stats
  readonly report: Report
  readonly stopped: AbortSignal
}

/** Joins the fleet to the hub and the numbers of this process. */
export function createFleet({ process, notifier, hub, stats, report, stopped }: FleetSources): Fleet {
  const since = Date.now()
  return new Fleet({
    process,
    notifier,
    describe: () => describeProcess(stats(), since, hub.connections),
    connectionsOf: (userId) => [...hub.connectionsOf(userId)].map((connection) => describeConnection(connection, process)),
    report,
    stopped,
  })
}
