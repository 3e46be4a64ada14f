import type { LogBounds, Page, ReadQuery, StoreAudience } from '@trunkline/core'
import { type RawBuilder, sql } from 'kysely'

import type { Deployment } from './deployment.ts'
import { eventSelection, type EventRow, toLogEvent } from './event-rows.ts'

/** A page has at most so many bytes of bodies, and one event: what a client that stops reading can hold. */
const maxPageBytes = 262_144
const maxPageEvents = 10_000

interface BoundsRow {
  readonly epoch: string
  readonly floor: string
  readonly head: string
}

/** The bounds, with an event or (when there is none) with nulls. */
type PageRow = BoundsRow & { readonly tag: string | null; readonly found: string | null } & (
    | EventRow
    | { readonly position: null }
  )

/** Where the log begins and ends. */
export async function readBounds(deployment: Deployment): Promise<LogBounds> {
  return toBounds(
    await deployment.one(sql<BoundsRow>`
      select m.epoch, m.floor::text as floor, coalesce(${headOf(deployment)}, m.floor)::text as head
      from ${deployment.name('meta')} m`),
  )
}

/**
 * A stretch of the log for one audience, and the bounds of the log, in one statement: read apart, a prune in between would be a silent
 * gap. Positions first and then rows, which is what keeps it at a few milliseconds from any place in a log of millions.
 */
export async function readPage(deployment: Deployment, query: ReadQuery): Promise<Page> {
  const { after, signal } = query
  signal.throwIfAborted()
  const rows = await untilAborted(deployment.query(pageQuery(deployment, query)), signal)
  const [first] = rows
  if (first === undefined) throw new Error('A page always has a row.')
  const bounds = toBounds(first)
  const events = rows.flatMap((row) => (row.position === null ? [] : [toLogEvent(row)]))
  // Cut off, by rows or by bytes: it has looked as far as its last event. Otherwise to the end of the log.
  const isCut = events.length >= limitOf(query) || events.length < Number(first.found ?? 0)
  const through = isCut ? (events.at(-1)?.position ?? after) : Math.max(after, bounds.head)
  return { ...bounds, events, through, tag: first.tag }
}

function pageQuery(deployment: Deployment, query: ReadQuery): RawBuilder<PageRow> {
  const events = deployment.name('events')
  const after = sql`${String(query.after)}::text::bigint`
  // The bounds apart, or they would be looked up once per event. "limit 1" tells the planner that there is one row.
  return sql<PageRow>`
    with bounds as materialized (
      select m.epoch, m.floor, coalesce(${headOf(deployment)}, m.floor) as head,
        coalesce((select right(t.id, 6) from ${events} t where t.position = ${after}), case when m.floor = ${after} then m.floor_tag end) as tag
      from ${deployment.name('meta')} m limit 1
    )
    select b.epoch, b.floor::text as floor, b.head::text as head, b.tag, w.*
    from bounds b
    left join lateral (
      select ${sql.join(eventSelection)}, (count(*) over ())::text as found,
        sum(octet_length(e.body)) over (order by e.position) - octet_length(e.body) as before
      from (${nextRows(deployment, query, after)}) e
      order by e.position
    ) w on w.before < ${sql.lit(maxPageBytes)}`
}

/** The next rows. What was deleted and is not vacuumed yet lies below the floor, and no scan begins there. */
function nextRows(deployment: Deployment, query: ReadQuery, after: RawBuilder<unknown>): RawBuilder<unknown> {
  const events = deployment.name('events')
  // In the text of the query: of a limit that comes as a parameter the planner only knows that it might be large.
  const limit = sql.lit(limitOf(query))
  if (query.audience === 'everything') {
    return sql`select l.* from ${events} l where l.position > greatest(${after}, b.floor) order by l.position limit ${limit}`
  }
  const keys = sql`${JSON.stringify(audienceKeys(query.audience))}::text`
  return sql`
    select l.* from ${deployment.name('next_positions')}(${keys}, greatest(${after}, b.floor), ${limit}) as p (position)
    join ${events} l on l.position = p.position`
}

/** What the audience column says of the events that an audience may see. */
function audienceKeys({ userId, channels }: StoreAudience): readonly string[] {
  // A channel named twice would give its events twice.
  return ['g', ...(userId === null ? [] : [`u:${userId}`]), ...new Set(channels.map((channel) => `c:${channel}`))]
}

function headOf(deployment: Deployment): RawBuilder<string | null> {
  return sql`(select l.position from ${deployment.name('events')} l where l.position > m.floor order by l.position desc limit 1)`
}

function toBounds({ epoch, floor, head }: BoundsRow): LogBounds {
  return { epoch, floor: Number(floor), head: Number(head) }
}

function limitOf({ limit }: ReadQuery): number {
  return Math.max(1, Math.min(Math.trunc(limit), maxPageEvents))
}

/** The statement goes on in its lane, with its own time limit; whoever asked need not wait for it. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', aborted, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted))
  })
}
