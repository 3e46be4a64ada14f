import type { LogSize } from '@trunkline/core'
import { sql } from 'kysely'

import type { Deployment } from './deployment.ts'

/** How much is stored. The catalogue knows the sizes: a cast to regclass would need more rights. */
export async function logSize(deployment: Deployment): Promise<LogSize> {
  // From the floor on: below it lies what was deleted and is not vacuumed yet.
  const { bytes, oldest } = await deployment.one(sql<{ readonly bytes: string; readonly oldest: string | null }>`
    select (
        select sum(pg_total_relation_size(c.oid))::text from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = ${deployment.schema}::text and c.relkind = 'r'
      ) as bytes,
      (
        select to_char(e.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') from ${deployment.name('events')} e
        where e.position > (select m.floor from ${deployment.name('meta')} m) order by e.position limit 1
      ) as oldest`)
  return { bytes: Number(bytes), oldest }
}
