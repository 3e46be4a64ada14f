import { join } from 'node:path'
import { migrationSql } from '@trunkline/postgres'
import postgres from 'postgres'

import type { EmbeddedPostgres } from '../../scripts/embedded-postgres.ts'

const tables = ['meta', 'log', 'outbox', 'publisher'] as const

/** What pg_dump writes down of a schema: its rows, and where its sequence stands. */
export interface Dump {
  readonly schema: string
  readonly folder: string
  readonly sequence: { readonly last: string; readonly called: boolean }
}

/** Writes the tables of a schema into files beside the server's data: the npm package of PostgreSQL has no pg_dump. */
export async function dump(server: EmbeddedPostgres, schema: string): Promise<Dump> {
  const sql = postgres(server.url, { max: 1 })
  for (const table of tables) await sql.unsafe(`copy ${schema}.${table} to '${fileOf(server.dataDir, table)}'`)
  const [sequence] = await sql<[Dump['sequence']]>`
    select last_value::text as last, is_called as called from ${sql(schema)}.log_position`
  await sql.end()
  return { schema, folder: server.dataDir, sequence }
}

/** Makes the same schema in another server. */
export async function restore({ schema, folder, sequence }: Dump, url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  await sql.unsafe(`${migrationSql({ schema })}; delete from ${schema}.meta`)
  for (const table of tables) await sql.unsafe(`copy ${schema}.${table} from '${fileOf(folder, table)}'`)
  await sql`select setval(${`${schema}.log_position`}::text::regclass, ${sequence.last}::text::bigint, ${sequence.called})`
  await sql.end()
}

function fileOf(folder: string, table: string): string {
  return join(folder, `dump-of-${table}`)
}
