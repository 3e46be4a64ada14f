import type { Archive, EventFilter, LogEvent, Position } from '@trunkline/core'
import { type Expression, sql } from 'kysely'

import { createActivities } from './activities.ts'
import type { Deployment } from './deployment.ts'
import { type EventRow, eventSelection, toLogEvent } from './event-rows.ts'
import { logSize } from './log-size.ts'
import { newestOf, timestamp } from './positions.ts'

/** A text has no index: so many events are looked at, newest first, and then it says how far it came. */
const maxTextSearch = 50_000

type FindFilter = EventFilter & { readonly limit: number; readonly before?: Position }
/** How far a text search looked. */
interface Edge {
  readonly count: string
  readonly last: string | null
}
type Found = Awaited<ReturnType<Archive['find']>>

/** Look-up by id and by filter, and what has become of events. How fast it is: pnpm search-speed. */
export function createArchive(deployment: Deployment): Archive {
  return {
    ...createActivities(deployment),
    // No text here can hold a NUL: asked for one, the database would fail and not find nothing.
    get: async (id) => (id.includes('\0') ? null : findById(deployment, id)),
    find: (filter) => (filter.text === undefined ? findAll(deployment, filter) : findText(deployment, filter, filter.text)),
    count: (filter) => count(deployment, filter),
    size: () => logSize(deployment),
  }
}

async function findById(deployment: Deployment, id: string): Promise<LogEvent | null> {
  const query = deployment.db.selectFrom('events as e').select(eventSelection).where('e.id', '=', id)
  const [row] = await deployment.query(query.orderBy('e.position', 'desc').limit(sql.lit(1)).compile())
  return row === undefined ? null : toLogEvent(row)
}

async function findAll(deployment: Deployment, filter: FindFilter): Promise<Found> {
  const rows = await deployment.search(eventsAt(deployment, newestOf(deployment, filter, filter.limit)).compile())
  return { events: rows.map(toLogEvent), lookedBackTo: null }
}

async function findText(deployment: Deployment, filter: FindFilter, text: string): Promise<Found> {
  const { createdAfter, createdBefore, limit } = filter
  // One more than is looked at, to know whether there are more. From the index alone, where there is one, and only once.
  const looked = newestOf(deployment, filter, maxTextSearch + 1, true)
  const positions = sql`select position from looked order by position desc limit ${sql.lit(maxTextSearch)}`
  let found = eventsAt(deployment, positions)
    .where(sql<number>`strpos(e.body, ${text}::text)`, '>', sql.lit(0))
    .limit(sql.lit(limit))
  if (createdAfter !== undefined) found = found.where('e.created_at', '>', timestamp(createdAfter))
  if (createdBefore !== undefined) found = found.where('e.created_at', '<', timestamp(createdBefore))
  const rows = await deployment.search(sql<EventRow & Edge>`
    with looked as materialized (${looked}), found as (${found})
    select edge.count, edge.last, found.* from (
      select (select count(*)::text from looked) as count,
        (select position::text from looked order by position desc offset ${sql.lit(maxTextSearch - 1)} limit 1) as last
    ) edge left join found on true`)
  const events = rows.filter(({ id }) => id !== null).map(toLogEvent)
  const { count: size = '0', last = null } = rows[0] ?? {}
  const isCut = events.length < limit && Number(size) > maxTextSearch
  return { events, lookedBackTo: isCut ? Number(last) : null }
}

async function count(deployment: Deployment, filter: Omit<FindFilter, 'text'>): Promise<number> {
  const query = deployment.db
    .selectFrom(newestOf(deployment, filter, filter.limit).as('e'))
    .select(sql<string>`count(*)::text`.as('count'))
  const [row] = await deployment.search(query.compile())
  return Number(row?.count ?? 0)
}

/**
 * The events at some positions, newest first. Positions are found first, mostly in an index alone, and rows for them afterwards: asked for
 * both in one go, the planner reads everything that lies between the rows as well.
 */
function eventsAt(deployment: Deployment, positions: Expression<unknown>) {
  return deployment.db
    .selectFrom('events as e')
    .select(eventSelection)
    .where(sql<boolean>`e.position = any(array(${positions}))`)
    .orderBy('e.position', 'desc')
}
