import type { Connection } from '../connection/connection.ts'
import type { Stats } from '../stats.ts'
import type { ConnectionStatus, ProcessStatus } from './status.ts'

const maxLagging = 20

/** How a process is, out of its numbers and its connections. */
export function describeProcess(
  { process, listener, tail, connections, queuedBytes, queueUsage, counters }: Stats,
  since: number,
  open: ReadonlySet<Connection>,
): ProcessStatus {
  return {
    process,
    at: new Date().toISOString(),
    since: new Date(since).toISOString(),
    listener,
    lagMs: tail.lagMs,
    connections,
    queuedBytes,
    queueUsage,
    counters,
    lagging: worst(open).map((connection) => describeConnection(connection, process)),
  }
}

/** One client's stream, as the others see it. */
export function describeConnection(connection: Connection, process: string): ConnectionStatus {
  const { id, audience, since, lagMs, address } = connection
  return {
    id,
    process,
    userId: audience.userId,
    channels: audience.channels,
    since: new Date(since).toISOString(),
    lagMs,
    address,
  }
}

/** Those that lag most, and then those that came last. */
function worst(open: ReadonlySet<Connection>): readonly Connection[] {
  const all = [...open].map((connection) => ({ connection, lagMs: connection.lagMs }))
  const behind = all.filter(({ lagMs }) => lagMs > 0).toSorted((a, b) => b.lagMs - a.lagMs)
  const fine = all
    .filter(({ lagMs }) => lagMs === 0)
    .slice(-maxLagging)
    .toReversed()
  return [...behind, ...fine].slice(0, maxLagging).map(({ connection }) => connection)
}
