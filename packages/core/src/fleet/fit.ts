import { byteLength } from '../event/text.ts'
import { fleetSignal, type Found } from './message.ts'
import type { ConnectionStatus, ProcessStatus } from './status.ts'

/** What a process says of itself every 10 s has to cost next to nothing. */
const maxLineBytes = 2_000
/** Of one user in one process; who has more is told how many. */
const maxFound = 100

/** A process's status line: with as many of its connections as fit. One with long names gives way to those that are shorter. */
export function statusLine(status: ProcessStatus): string {
  let left = maxLineBytes - byteLength(fleetSignal({ kind: 'status', status: { ...status, lagging: [] } }))
  const lagging = status.lagging.filter((connection) => {
    const bytes = sizeOf(connection)
    if (bytes > left) return false
    left -= bytes
    return true
  })
  return fleetSignal({ kind: 'status', status: { ...status, lagging } })
}

/** A process's answer to a search, in as many payloads as it takes. */
export function foundSignals(
  process: string,
  userId: string,
  connections: readonly ConnectionStatus[],
  maxBytes: number,
): readonly string[] {
  const frame: Found = { process, userId, total: connections.length, more: true, connections: [] }
  const room = maxBytes - byteLength(fleetSignal({ kind: 'found', found: { ...frame, more: false } }))
  const parts: ConnectionStatus[][] = [[]]
  let left = room
  for (const connection of connections.slice(0, maxFound)) {
    const bytes = sizeOf(connection)
    // Alone it would not fit either: counted, and not shown.
    if (bytes > room) continue
    if (bytes > left) {
      parts.push([])
      left = room
    }
    left -= bytes
    parts.at(-1)?.push(connection)
  }
  return parts.map((part, index) =>
    fleetSignal({ kind: 'found', found: { ...frame, more: index < parts.length - 1, connections: part } }),
  )
}

/** With the comma before the next one. */
function sizeOf({ id, userId, channels, since, lagMs, address }: ConnectionStatus): number {
  return byteLength(JSON.stringify([id, userId, channels, Date.parse(since), lagMs, address])) + 1
}
