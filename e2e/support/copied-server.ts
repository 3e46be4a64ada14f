import { execFile } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'

import { type EmbeddedPostgres, startPostgres } from '../../scripts/embedded-postgres.ts'
import { eventually } from './eventually.ts'

const run = promisify(execFile)

/** The files of a server as they were at one moment: what a storage snapshot keeps. */
export interface Snapshot extends AsyncDisposable {
  /** Where the files are; they may be served, or put back. */
  readonly folder: string
  /** Ends the server, puts the files back into their place, and starts it again. */
  restore(): Promise<void>
}

/** Copies the files of a server, which is stopped for it and started again. */
export async function takeSnapshot(server: EmbeddedPostgres): Promise<Snapshot> {
  const parent = await mkdtemp(join(tmpdir(), 'trunkline-snapshot-'))
  // Whoever runs the server has to get through to it.
  await run('chmod', ['755', parent])
  const folder = join(parent, 'data')
  await server.shutDown()
  // With owners, which are not ours when the server runs as another user.
  await run('cp', ['-Rp', server.dataDir, folder])
  await server.restart()
  return {
    folder,
    async restore() {
      await server.crash()
      await rm(server.dataDir, { recursive: true })
      await rename(folder, server.dataDir)
      await server.restart()
    },
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }),
  }
}

/** Starts a server on a snapshot that follows another one, which it reaches through a port: that of a proxy, to make it lag. */
export async function startStandby({ folder }: Snapshot, primaryUrl: string, port: number): Promise<EmbeddedPostgres> {
  const { username, password } = new URL(primaryUrl)
  await writeFile(join(folder, 'standby.signal'), '')
  return startPostgres({
    dataDir: folder,
    settings: { primary_conninfo: `host=127.0.0.1 port=${port} user=${username} password=${password} sslmode=disable` },
  })
}

/** Resolves when all that the primary has written is in its one standby, too. */
export async function untilReplicated(primaryUrl: string): Promise<void> {
  const sql = postgres(primaryUrl, { max: 1 })
  const [target] = await sql<[{ lsn: string }]>`select pg_current_wal_lsn()::text as lsn`
  await eventually('the standby to have it all', async () => {
    const rows = await sql`select from pg_stat_replication where replay_lsn >= ${target.lsn}::text::pg_lsn`
    return rows.length > 0
  })
  await sql.end()
}

/** Makes a standby a server of its own. */
export async function promote(standbyUrl: string): Promise<void> {
  const sql = postgres(standbyUrl, { max: 1 })
  await sql`select pg_promote()`
  await sql.end()
}
