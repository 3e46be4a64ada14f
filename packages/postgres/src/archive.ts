import type { Archive, EventFilter, LogEvent, Position } from '@trunkline/core'
import { type SelectQueryBuilder, sql } from 'kysely'

import { createActivities } from './activities.ts'
import type { Database } from './database.ts'
import type { Deployment } from './deployment.ts'
import { eventSelection, toLogEvent } from './event-rows.ts'

/** A text has no index: so many events are looked at, newest first, and then it says how far it came. */
const maxTextSearch = 50_000

type FindFilter = EventFilter & { readonly limit: number; readonly before?: Position }
type Found = Awaited<ReturnType<Archive['find']>>
type Events = SelectQueryBuilder<{ readonly e: Database['events'] }, 'e', {}>

/** Look-up by id and by filter, and what has become of events. */
export function createArchive(deployment: Deployment): Archive {
  return {
    ...createActivities(deployment),
    // No text here can hold a NUL: asked for one, the database would fail and not find nothing.
    get: async (id) => (id.includes('\0') ? null : findById(deployment, id)),
    find: (filter) => (filter.text === undefined ? findAll(deployment, filter) : findText(deployment, filter, filter.text)),
    count: (filter) => count(deployment, filter),
  }
}

async function findById(deployment: Deployment, id: string): Promise<LogEvent | null> {
  const query = newestFirst(deployment).where('e.id', '=', id).limit(sql.lit(1))
  const [row] = await deployment.query(query.select(eventSelection).compile())
  return row === undefined ? null : toLogEvent(row)
}

async function findAll(deployment: Deployment, filter: FindFilter): Promise<Found> {
  const query = filtered(deployment, filter).limit(sql.lit(filter.limit))
  const rows = await deployment.query(query.select(eventSelection).compile(), deployment.timings.searchMs)
  return { events: rows.map(toLogEvent), lookedBackTo: null }
}

async function findText(deployment: Deployment, filter: FindFilter, text: string): Promise<Found> {
  const looked = filtered(deployment, filter).selectAll('e').limit(sql.lit(maxTextSearch)).as('e')
  const query = deployment.db
    .selectFrom(looked)
    .where(sql<number>`strpos(e.body, ${text}::text)`, '>', sql.lit(0))
    .orderBy('e.position', 'desc')
    .limit(sql.lit(filter.limit))
  const rows = await deployment.query(query.select(eventSelection).compile(), deployment.timings.searchMs)
  return { events: rows.map(toLogEvent), lookedBackTo: rows.length < filter.limit ? await searchEnd(deployment, filter) : null }
}

async function count(deployment: Deployment, filter: Omit<FindFilter, 'text'>): Promise<number> {
  const found = filtered(deployment, filter).select('e.position').limit(sql.lit(filter.limit)).as('e')
  const query = deployment.db.selectFrom(found).select(sql<string>`count(*)::text`.as('count'))
  const [row] = await deployment.query(query.compile(), deployment.timings.searchMs)
  return Number(row?.count ?? 0)
}

/** The position of the last event a text search looked at; null when there was no more to look at. */
async function searchEnd(deployment: Deployment, filter: FindFilter): Promise<Position | null> {
  const query = filtered(deployment, filter)
    .select(sql<string>`e.position::text`.as('position'))
    .offset(sql.lit(maxTextSearch - 1))
    .limit(sql.lit(2))
  const [last, next] = await deployment.query(query.compile(), deployment.timings.searchMs)
  return last === undefined || next === undefined ? null : Number(last.position)
}

function filtered(deployment: Deployment, filter: FindFilter): Events {
  const { type, scope, userId, channel, entityId, createdAfter, createdBefore, before } = filter
  return (
    newestFirst(deployment)
      .$if(before !== undefined, (q) => q.where('e.position', '<', sql<string>`${String(before)}::text::bigint`))
      // By audience, where that says the same: it has an index together with the position, and a channel's history needs no other.
      .$if(channel !== undefined, (q) => q.where('e.audience', '=', `c:${channel}`))
      .$if(userId !== undefined, (q) => q.where('e.audience', 'in', [`u:${userId}`, 's']).where('e.user_id', '=', userId ?? null))
      .$if(scope === 'global', (q) => q.where('e.audience', '=', 'g'))
      .$if(scope === 'system', (q) => q.where('e.audience', '=', 's'))
      .$if(scope !== undefined, (q) => q.where('e.scope', '=', scope ?? ''))
      .$if(type !== undefined, (q) => q.where('e.type', '=', type ?? ''))
      .$if(entityId !== undefined, (q) => q.where('e.entity_id', '=', entityId ?? ''))
      .$if(createdAfter !== undefined, (q) => q.where('e.created_at', '>', timestamp(createdAfter)))
      .$if(createdBefore !== undefined, (q) => q.where('e.created_at', '<', timestamp(createdBefore)))
  )
}

function newestFirst(deployment: Deployment): Events {
  return deployment.db.selectFrom('events as e').orderBy('e.position', 'desc')
}

function timestamp(date: Date | undefined) {
  return sql<string>`${date?.toISOString() ?? ''}::text::timestamptz`
}
