import { TrunklineError } from '@trunkline/core'
import type { Inspection, PostgresBackend } from '@trunkline/postgres'

import { type Finding, ok, warning, wrong } from './finding.ts'

/** Looks at the database, and stops where what comes next could not be. Changes nothing. */
export async function* checkDatabase(backend: PostgresBackend, schema: string): AsyncGenerator<Finding, void, undefined> {
  let inspection: Inspection
  try {
    inspection = await backend.inspect()
  } catch (error) {
    yield explainRefusal(error)
    return
  }
  for (const finding of [judgeServer(inspection), judgeMigrations(inspection, schema)]) {
    yield finding
    if (finding.state === 'wrong') return
  }
  const tables = await checkRights(backend)
  yield tables
  if (tables.state === 'wrong') return
  yield await checkListen(backend)
  if (inspection.log !== null) yield judgeQueue(inspection.log.queueUsage)
}

/** Why the database could not be asked anything. */
function explainRefusal(error: unknown): Finding {
  const said = error instanceof Error ? error.message : String(error)
  const state = stateOf(error)
  if (said.includes('pg_hba.conf')) {
    return wrong(
      'login',
      said,
      'As an administrator, a line in pg_hba.conf: host database user address scram-sha-256, then SELECT pg_reload_conf()',
    )
  }
  if (state.startsWith('28')) {
    return wrong(
      'login',
      said,
      "Correct user and password in DATABASE_URL (special characters percent-encoded), or as an administrator: ALTER ROLE name PASSWORD '…'",
    )
  }
  if (state.startsWith('3D')) return wrong('database', said, 'Correct the end of DATABASE_URL, or make it: createdb name')
  if (said.includes('pooler')) {
    return wrong(
      'pooler',
      said,
      'Application: postgres({ url: pooler, listenUrl: direct }). Here: add --listen-url with the direct URL',
    )
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(said))
    return wrong('reachable', said, 'Correct the host in DATABASE_URL: its name is not known here')
  return wrong(
    'reachable',
    said,
    "Start the server, correct host and port in DATABASE_URL, or let it be reached from here: listen_addresses = '*' and a line in pg_hba.conf",
  )
}

/** Whether Trunkline can live on this server. */
export function judgeServer({ server }: Pick<Inspection, 'server'>): Finding {
  const { version, number, isReplica } = server
  if (number < 140_000)
    return wrong('PostgreSQL', `version ${version}; 14 is the oldest that works`, 'Upgrade it: pg_upgrade to 14 or newer')
  if (isReplica) {
    return wrong(
      'PostgreSQL',
      'this is a replica, which can neither be written to nor LISTEN',
      'Name the primary in DATABASE_URL, or all hosts with ?target_session_attrs=read-write',
    )
  }
  return ok('PostgreSQL', `version ${version}, a primary`)
}

/** Whether the tables are those of this release. */
function judgeMigrations({ migrations, server }: Pick<Inspection, 'migrations' | 'server'>, schema: string): Finding {
  const { version, latest, pending } = migrations
  const run = schema === 'trunkline' ? 'trunkline migrate' : `trunkline migrate --schema '${schema}'`
  if (version === null) {
    return wrong(
      'migrations',
      `role "${server.role}" may not look into the schema "${schema}"`,
      `Run its GRANTs as the owner: ${run} --print --runtime-role ${server.role} | psql`,
    )
  }
  if (version === 0) return wrong('migrations', `the schema "${schema}" has no tables of Trunkline`, run)
  if (pending.length > 0) return wrong('migrations', `version ${version}; pending: ${pending.join(', ')}`, run)
  if (version > latest) {
    return warning(
      'migrations',
      `version ${version}, newer than this release knows (${latest})`,
      'Update the packages, here and in the application: npm install trunkline@latest @trunkline/postgres@latest',
    )
  }
  return ok('migrations', `version ${version}, nothing is pending`)
}

/** The queue is the server's: whoever listens and does not read fills it, and in the end no commit with a NOTIFY succeeds. */
export function judgeQueue(usage: number): Finding {
  const found = `${(usage * 100).toFixed(1)} % full`
  if (usage <= 0.5) return ok('notification queue', found)
  return warning(
    'notification queue',
    `${found}; above 80 % events are found by polling`,
    "End the session that listens and does not read: SELECT pid, state, xact_start FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'",
  )
}

async function checkRights(backend: PostgresBackend): Promise<Finding> {
  try {
    const { head } = await backend.store.bounds()
    return ok('tables', head === 0 ? 'can be used; no event yet' : 'can be used')
  } catch (error) {
    return wrong(
      'tables',
      textOf(error),
      'trunkline migrate --print --runtime-role name | psql, as the owner; name is the role of DATABASE_URL',
    )
  }
}

async function checkListen(backend: PostgresBackend): Promise<Finding> {
  const started = performance.now()
  try {
    await backend.checkListening()
    return ok('LISTEN', `a notification came back after ${Math.round(performance.now() - started)} ms`)
  } catch (error) {
    return wrong(
      'LISTEN',
      textOf(error),
      'postgres({ url: pooler, listenUrl: direct }) in the application; without LISTEN events are found by polling, up to 0.5 s late',
    )
  }
}

function stateOf(error: unknown): string {
  const code = error instanceof TrunklineError ? (error.cause as { readonly code?: unknown } | undefined)?.code : undefined
  return typeof code === 'string' ? code : ''
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
