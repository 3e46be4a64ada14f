import { type EventFilter, lostBy, type Place, type Position } from '@trunkline/core'
import type { PostgresBackend } from '@trunkline/postgres'

import { UsageError } from '../exit-codes.ts'
import type { Since } from '../options/values.ts'

type Log = PostgresBackend['store']

/** Where a tail begins. */
export interface Start {
  readonly place: Place
  /** What could not be had. */
  readonly warning: string | null
}

/** The place from which on events are to be shown: the head, unless `since` says otherwise. */
export async function startOf(log: Log, since: Since | undefined, filter: EventFilter): Promise<Start> {
  if (since?.kind === 'cursor') return startAtCursor(log, since.place)
  const { head, floor } = await log.bounds()
  if (since === undefined) return { place: await placeAt(log, head), warning: null }
  const position =
    since.kind === 'moment'
      ? await lastBefore(log, since.moment, floor, head)
      : await beforeNewest(log, since.count, filter, head)
  return { place: await placeAt(log, position), warning: null }
}

/** A position as a place of the log as it is now. */
export async function placeAt(log: Log, position: Position): Promise<Place> {
  const { epoch, tag } = await readOne(log, position)
  return { epoch, position, tag }
}

async function startAtCursor(log: Log, place: Place): Promise<Start> {
  const page = await readOne(log, place.position)
  switch (lostBy(page, place)) {
    case null:
      return { place, warning: null }
    case 'pruned':
      return {
        place: await placeAt(log, page.floor),
        warning: 'What follows on this cursor was pruned. Beginning with the oldest event there is.',
      }
    default:
      throw new UsageError(
        '--since names a place that this log does not have: the cursor is of another deployment, or the log was restored or made anew. Example: --since 10m',
      )
  }
}

/** The last position whose event is older. Time follows positions, so twenty looks find it among a million. */
async function lastBefore(log: Log, moment: Date, floor: Position, head: Position): Promise<Position> {
  const wanted = moment.toISOString()
  let low = floor
  let high = head
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [event] = (await readOne(log, middle)).events
    if (event !== undefined && event.createdAt < wanted) low = event.position
    else high = middle
  }
  return low
}

/** The position before the newest events of a filter. */
async function beforeNewest(log: Log, count: number, filter: EventFilter, head: Position): Promise<Position> {
  let before = head + 1
  for (let left = count; left > 0;) {
    const limit = Math.min(left, 1_000)
    const { events } = await log.archive.find({ ...filter, limit, before })
    before = events.at(-1)?.position ?? before
    left = events.length < limit ? 0 : left - limit
  }
  return before - 1
}

function readOne(log: Log, after: Position) {
  return log.read({ after, audience: 'everything', limit: 1, signal: AbortSignal.timeout(10_000) })
}
