import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Binaries } from './binaries.ts'
import { type DataFolder, serverEnvironment } from './data-folder.ts'
import type { Guard } from './guard.ts'
import type { ServerUser } from './server-user.ts'

export interface ServerProcess {
  readonly pid: number
  /** Sends the signal and resolves when the server is gone. */
  end(signal: 'SIGINT' | 'SIGQUIT'): Promise<void>
}

/** How to start the server, the same each time it is started. */
export interface Launch {
  readonly binaries: Binaries
  readonly folder: DataFolder
  readonly guard: Guard
  readonly user: ServerUser | null
  readonly startTimeoutMs: number
}

/** The port was free when it was chosen and is not any more. */
export class PortInUseError extends Error {}

/** Resolves when the server accepts connections. */
export async function launch(options: Launch, port: number): Promise<ServerProcess> {
  const { binaries, folder, guard, user } = options
  const logFile = join(folder.path, 'server.log')
  const log = await open(logFile, 'a')
  const { size: logStart } = await log.stat()
  // A session of its own (detached): Ctrl-C in a terminal must not stop the database before its clients had their say.
  const server = spawn(binaries.postgres, ['-D', folder.path, '-p', String(port)], {
    ...user,
    cwd: folder.path,
    env: serverEnvironment,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  const gone = once(server, 'exit').finally(() => guard.release())
  await once(server, 'spawn')
  await log.close()
  const pid = server.pid as number // it was spawned
  guard.watch(pid)
  server.unref()

  try {
    await ready(server, options)
  } catch (error) {
    if (!hasExited(server)) server.kill('SIGKILL')
    const text = (await readFile(logFile, 'utf8')).slice(logStart).trim()
    if (text.includes('Address already in use')) throw new PortInUseError(`Port ${port} is in use.`, { cause: error })
    throw new Error(`PostgreSQL ${binaries.version} did not start from ${folder.path}:\n${text}`, { cause: error })
  }
  return { pid, end: (signal) => end(server, gone, signal) }
}

/** PostgreSQL writes its state into line 8 of its lock file, for pg_ctl and for us. */
async function ready(server: ChildProcess, { folder, startTimeoutMs }: Launch): Promise<void> {
  const lockFile = join(folder.path, 'postmaster.pid')
  const deadline = performance.now() + startTimeoutMs
  while (performance.now() < deadline) {
    if (hasExited(server)) throw new Error(`It ended with ${server.exitCode ?? server.signalCode}.`)
    const lines = (await readFile(lockFile, 'utf8').catch(() => '')).split('\n')
    if (Number(lines[0]) === server.pid && ['ready', 'standby'].includes(lines[7]?.trim() ?? '')) return
    await sleep(10)
  }
  throw new Error(`It was not ready after ${startTimeoutMs} ms.`)
}

async function end(server: ChildProcess, gone: Promise<unknown>, signal: NodeJS.Signals): Promise<void> {
  if (hasExited(server)) return
  server.ref()
  server.kill(signal)
  // An immediate shutdown also ends backends that a fast one still waits for.
  const impatience = setTimeout(() => server.kill('SIGQUIT'), 20_000)
  await gone
  clearTimeout(impatience)
}

function hasExited(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null
}
