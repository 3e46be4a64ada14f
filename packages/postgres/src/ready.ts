import { TrunklineError } from '@trunkline/core'
import { sql } from 'kysely'

import type { Deployment } from './deployment.ts'
import { notMigrated } from './errors.ts'
import { latestVersion } from './migrations/index.ts'
import { runtimeFunctions } from './migrations/statements.ts'

const minServer = 140_000

/** What a server says about itself and about our place in it. */
interface Findings {
  readonly number: string
  readonly release: string
  readonly recovery: string
  readonly isolation: string
  readonly role: string
  readonly present: string
  readonly usage: string | null
  readonly meta: string | null
  readonly events: string | null
  readonly outbox: string | null
  readonly functions: string | null
}

/**
 * Finds out whether the deployment can be used, and says in one message what to do when it cannot. `bring` may migrate.
 *
 * @throws {TrunklineError} `unsupported_server`, `read_only_server`, `not_migrated`, `permission_denied`, `invalid_options`
 */
export async function checkReady(deployment: Deployment, bring: () => Promise<unknown> | undefined): Promise<void> {
  let findings = await find(deployment)
  checkServer(findings)
  if (!(await isCurrent(deployment, findings))) {
    const bringing = bring()
    if (bringing === undefined)
      throw new TrunklineError('not_migrated', notMigrated(deployment.schema, await lack(deployment, findings)))
    await bringing
    findings = await find(deployment)
  }
  checkRights(deployment, findings)
}

/** Refuses servers that are too old, or that cannot be written to. */
export function checkServer({ number, release, recovery, isolation, role }: Findings): void {
  if (Number(number) < minServer) {
    throw new TrunklineError(
      'unsupported_server',
      `Trunkline needs PostgreSQL 14 or newer, this server is ${release}. Upgrade it, or use another one.`,
    )
  }
  if (recovery === 'true') {
    throw new TrunklineError(
      'read_only_server',
      'This server is a replica, which can neither be written to nor LISTEN. Connect to the primary.',
    )
  }
  if (isolation !== 'read committed') {
    // Our own direct connections are made with the right level; behind a pooler and on a caller's instance it is the role's.
    throw new TrunklineError(
      'invalid_options',
      `Statements of role "${role}" run at ${isolation.toUpperCase()} by default, and Trunkline needs READ COMMITTED. Run ALTER ROLE "${role}" SET default_transaction_isolation = 'read committed', or pass a direct url.`,
    )
  }
}

/** Asks the catalogue, which every role may read: to_regclass fails where a role has no rights. */
export async function find(deployment: Deployment): Promise<Findings> {
  const functions = sql.join(runtimeFunctions.map((name) => sql.lit(name)))
  const relation = (name: string) =>
    sql`(select c.oid from pg_catalog.pg_class c where c.relnamespace = n.oid and c.relname = ${sql.lit(name)})`
  const [findings] = await deployment.run(sql<Findings>`
    select current_setting('server_version_num') as number, current_setting('server_version') as release,
      pg_is_in_recovery()::text as recovery, current_setting('default_transaction_isolation') as isolation, current_user::text as role,
      (${relation('meta')} is not null)::text as present,
      has_schema_privilege(n.oid, 'usage')::text as usage,
      has_table_privilege(${relation('meta')}, 'select')::text as meta,
      has_table_privilege(${relation('events')}, 'select')::text as events,
      has_table_privilege(${relation('outbox')}, 'insert')::text as outbox,
      (
        select string_agg(p.proname::text, ', ') from pg_catalog.pg_proc p
        where p.pronamespace = n.oid and p.proname in (${functions}) and not has_function_privilege(p.oid, 'execute')
      ) as functions
    from (select (select oid from pg_catalog.pg_namespace where nspname = ${deployment.schema}::text) as oid) n`)
  if (findings === undefined) throw new Error('A query that always has one row had none.')
  return findings
}

/** The version of the schema; 0 when there is none. */
export async function versionOf(deployment: Deployment, { present }: Pick<Findings, 'present'>): Promise<number> {
  if (present !== 'true') return 0
  const [row] = await deployment.run(
    sql<{ readonly version: string }>`select version::text as version from ${deployment.name('meta')}`,
  )
  return Number(row?.version ?? 0)
}

async function isCurrent(deployment: Deployment, findings: Findings): Promise<boolean> {
  // Who may not look is told so below, rather than to migrate.
  if (findings.usage === 'false' || findings.meta === 'false') return true
  return (await versionOf(deployment, findings)) >= latestVersion
}

async function lack(deployment: Deployment, findings: Findings): Promise<string> {
  const version = await versionOf(deployment, findings)
  return version === 0 ? 'its tables are missing' : `it is at version ${version}, this release works with ${latestVersion}`
}

function checkRights(deployment: Deployment, { role, usage, meta, events, outbox, functions }: Findings): void {
  const missing = [
    usage === 'false' ? ['USAGE on the schema'] : [],
    meta === 'false' ? ['SELECT on meta'] : [],
    events === 'false' ? ['SELECT on events'] : [],
    outbox === 'false' ? ['INSERT on outbox'] : [],
    functions === null ? [] : [`EXECUTE on ${functions}`],
  ].flat()
  if (missing.length === 0) return
  throw new TrunklineError(
    'permission_denied',
    `Role "${role}" lacks rights in schema "${deployment.schema}": ${missing.join(', ')}. Run the GRANTs of migrationSql({ runtimeRole: ${JSON.stringify(role)} }) as the owner.`,
  )
}
