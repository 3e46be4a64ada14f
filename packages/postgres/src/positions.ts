import type { EventFilter, Position } from '@trunkline/core'
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'

import type { Database } from './database.ts'
import type { Deployment } from './deployment.ts'

/** What is looked for in the log, apart from text. */
export interface Sought extends Omit<EventFilter, 'text'> {
  readonly before?: Position
}

/** A query for positions, newest first. */
export type Positions = SelectQueryBuilder<{ readonly e: Database['events'] }, 'e', { position: string }>

/**
 * Times follow positions as far as the database's clock goes forward. One that was set back by more than this hides events from a search
 * by time, for as long as it took to come to where it was.
 */
const clockSlackMs = 5_000

/**
 * The positions of the newest events of a filter, newest first. What belongs to several audiences (a user's own events, and system events
 * that name the user) is one list in order for each of them, merged: for one condition all of them would be collected and sorted.
 *
 * `roughly`: with what lies up to some seconds around the times, which is then found in an index alone.
 */
export function newestOf(deployment: Deployment, sought: Sought, limit: number, roughly = false): Positions {
  const lists = (audiencesOf(sought) ?? [null]).map((audience) =>
    list(deployment, sought, audience, roughly).limit(sql.lit(limit)),
  )
  const [first = none(deployment), second] = lists
  if (second === undefined) return first
  const { db } = deployment
  const both = db
    .selectFrom(first.as('a'))
    .select('position')
    .unionAll(db.selectFrom(second.as('b')).select('position'))
  return db.selectFrom(both.as('e')).select('e.position').orderBy('e.position', 'desc').limit(sql.lit(limit))
}

/** An instant as PostgreSQL takes it. */
export function timestamp(date: Date): RawBuilder<string> {
  return sql<string>`${date.toISOString()}::text::timestamptz`
}

function list(deployment: Deployment, sought: Sought, audience: string | null, roughly: boolean): Positions {
  const { type, scope, userId, entityId, createdAfter, createdBefore, before } = sought
  const conditions: RawBuilder<boolean>[] = []
  const given = <T>(value: T | undefined | null, condition: (value: T) => RawBuilder<boolean>): void => {
    if (value !== undefined && value !== null) conditions.push(condition(value))
  }
  given(before, (position) => sql`e.position < ${String(position)}::text::bigint`)
  given(audience, (name) => sql`e.audience = ${name}::text`)
  // Elsewhere the audience says it.
  given(audience === null ? scope : null, (name) => sql`e.scope = ${name}::text`)
  given(audience === 's' ? userId : null, (id) => sql`e.user_id = ${id}::text`)
  given(type, (name) => sql`e.type = ${name}::text`)
  given(entityId, (id) => sql`e.entity_id = ${id}::text`)
  given(createdAfter, (date) => sql`e.position > ${placeAt(deployment, date, -clockSlackMs)}`)
  given(createdBefore, (date) => sql`e.position <= ${placeAt(deployment, date, clockSlackMs)}`)
  given(roughly ? null : createdAfter, (date) => sql`e.created_at > ${timestamp(date)}`)
  given(roughly ? null : createdBefore, (date) => sql`e.created_at < ${timestamp(date)}`)
  const all = deployment.db.selectFrom('events as e').select('e.position').orderBy('e.position', 'desc')
  return conditions.reduce((query, condition) => query.where(condition), all)
}

function none({ db }: Deployment): Positions {
  return db
    .selectFrom('events as e')
    .select('e.position')
    .where(sql<boolean>`false`)
}

/** The audiences that events of a filter can have; null when that is not known. Each has its events in order in an index. */
function audiencesOf({ scope, userId, channel }: Sought): readonly string[] | null {
  const possible = [
    ...(userId === undefined ? [] : [[`u:${userId}`, 's']]),
    ...(channel === undefined ? [] : [[`c:${channel}`]]),
    ...(scope === 'global' ? [['g']] : scope === 'system' ? [['s']] : []),
  ]
  const [first, ...rest] = possible
  if (first === undefined) return null
  const common = first.filter((audience) => rest.every((others) => others.includes(audience)))
  const prefix = scope === 'user' ? 'u:' : scope === 'channel' ? 'c:' : ''
  return common.filter((audience) => audience.startsWith(prefix))
}

/** Where the log stands at a time. Asked once: as a condition on rows it could be asked for each of them. */
function placeAt(deployment: Deployment, date: Date, offsetMs: number): RawBuilder<string> {
  return sql`(select ${deployment.name('position_at')}(${timestamp(new Date(date.getTime() + offsetMs))}))`
}
