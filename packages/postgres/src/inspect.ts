import { type RawBuilder, sql } from 'kysely'

import type { Deployment } from './deployment.ts'
import { latestVersion, migrations } from './migrations/index.ts'
import { find, versionOf } from './ready.ts'
import type { Inspection, LogInspection } from './types.ts'

/** Above this the events are estimated, rates are lower bounds, and what waits is "more than". */
const maxCounted = 100_000

/** Looks at a deployment as it is, whether or not it can be used. Reads only, and is quick on a large log. */
export async function inspect(deployment: Deployment): Promise<Inspection> {
  const findings = await find(deployment)
  const { number, release, recovery, role, usage, meta, events } = findings
  const mayLook = usage !== 'false' && meta !== 'false' && events !== 'false'
  const version = mayLook ? await versionOf(deployment, findings) : null
  return {
    server: { version: release, number: Number(number), isReplica: recovery === 'true', role },
    migrations: {
      version,
      latest: latestVersion,
      pending: version === null ? [] : migrations.filter((migration) => migration.version > version).map(({ name }) => name),
    },
    log: version === null || version === 0 ? null : await inspectLog(deployment),
  }
}

interface LogRow {
  readonly events: string
  readonly estimate: string | null
  readonly minute: string
  readonly hour: string
  readonly oldest: string | null
  readonly newest: string | null
  readonly bytes: string
  readonly queue: string
  readonly listeners: string
  readonly waits: string | null
}

async function inspectLog(deployment: Deployment): Promise<LogInspection> {
  const events = deployment.name('events')
  // From the floor on: below it lies what was deleted and is not vacuumed yet.
  const stored = sql`from ${events} e where e.position > (select m.floor from ${deployment.name('meta')} m)`
  const [row] = await deployment.run(sql<LogRow>`
    with newest as materialized (select e.created_at ${stored} order by e.position desc limit ${sql.lit(maxCounted + 1)})
    select (select count(*) from newest)::text as events,
      (select nullif(greatest(c.reltuples, 0), 0)::bigint::text from ${ours(deployment)} and c.relname = 'log') as estimate,
      (select count(*) from newest where created_at > now() - interval '1 minute')::text as minute,
      (select count(*) from newest where created_at > now() - interval '1 hour')::text as hour,
      (select ${iso} ${stored} order by e.position limit 1) as oldest,
      (select ${iso} ${stored} order by e.position desc limit 1) as newest,
      (select sum(pg_total_relation_size(c.oid)) from ${ours(deployment)} and c.relkind = 'r')::text as bytes,
      pg_notification_queue_usage()::text as queue,
      (
        select count(*) from pg_catalog.pg_stat_activity a
        where a.datname = current_database() and a.application_name = 'trunkline listen'
      )::text as listeners,
      (select has_table_privilege(c.oid, 'select')::text from ${ours(deployment)} and c.relname = 'outbox') as waits`)
  if (row === undefined) throw new Error('A query that always has one row had none.')
  const counted = Number(row.events)
  const isEstimate = counted > maxCounted
  return {
    events: isEstimate ? Math.max(counted, Number(row.estimate ?? 0)) : counted,
    isEstimate,
    lastMinute: Number(row.minute),
    lastHour: Number(row.hour),
    oldest: row.oldest,
    newest: row.newest,
    bytes: Number(row.bytes),
    queueUsage: Number(row.queue),
    listeners: Number(row.listeners),
    outbox: row.waits === 'true' ? await countOutbox(deployment) : null,
  }
}

/** Rows of committed transactions that nobody has moved into the log yet. */
async function countOutbox(deployment: Deployment): Promise<number> {
  const [row] = await deployment.run(sql<{ readonly count: string }>`
    select count(*)::text as count from (select from ${deployment.name('outbox')} limit ${sql.lit(maxCounted)}) o`)
  return Number(row?.count ?? 0)
}

const iso = sql`to_char(e.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** What is in the schema. The catalogue, because a cast to regclass needs more rights. */
function ours({ schema }: Deployment): RawBuilder<unknown> {
  return sql`pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = ${schema}::text`
}
