import type { Deployment } from './deployment.ts'
import { sqlStateOf } from './errors.ts'
import { latestVersion, migrations } from './migrations/index.ts'
import { alreadyCurrent, statements } from './migrations/statements.ts'
import { pause } from './pause.ts'
import { checkServer, find, versionOf } from './ready.ts'

/** What a migration did. */
export interface Migrated {
  readonly applied: readonly string[]
}

const maxAttempts = 20
/** Building an index on a large log takes its time. */
const timeoutMs = 600_000

/**
 * Brings the schema to the version of this release. One that is current is left alone: any DDL waits for the longest reader, and
 * everyone else waits behind it.
 */
export async function migrate(deployment: Deployment): Promise<Migrated> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptMigration(deployment)
    } catch (error) {
      const state = sqlStateOf(error)
      if (state === alreadyCurrent) return { applied: [] }
      // Someone reads the table, or migrates: make way for those behind us, and come back.
      if (state !== '55P03' || attempt === maxAttempts) throw error
      await pause(200 + Math.random() * 800)
    }
  }
}

async function attemptMigration(deployment: Deployment): Promise<Migrated> {
  const findings = await find(deployment)
  checkServer(findings)
  const version = await versionOf(deployment, findings)
  if (version >= latestVersion) return { applied: [] }
  // Several statements in one simple query are one transaction, without a connection having to be reserved for it.
  await deployment.pool.query(statements(deployment.schema, version, true), [], { timeoutMs })
  return { applied: migrations.filter((migration) => migration.version > version).map(({ name }) => name) }
}
