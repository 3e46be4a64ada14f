import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { findServerUser } from '../../scripts/embedded-postgres/server-user.ts'

/** Whether this machine has the program. */
export const hasPgBouncer: boolean = (() => {
  try {
    execFileSync('pgbouncer', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** A PgBouncer in transaction mode. */
export interface PgBouncer extends AsyncDisposable {
  /** Leads through it to the same database. */
  readonly url: string
}

/** Starts one in front of a server. Startup parameters that it does not know are refused, as by default, or ignored, as many set it. */
export async function startPgBouncer(
  serverUrl: string,
  unknownParameters: 'refused' | 'ignored' = 'refused',
): Promise<PgBouncer> {
  const { hostname, port, username, password, pathname } = new URL(serverUrl)
  const user = await findServerUser()
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-pgbouncer-'))
  const ini = join(folder, 'pgbouncer.ini')
  const server = `host=${hostname} port=${port || 5432} user=${decodeURIComponent(username)} password=${decodeURIComponent(password)}`
  // Port 0 is not for it: somebody else may take the chosen one, and then it says so and ends.
  const listenPort = 20_000 + Math.floor(Math.random() * 10_000)
  await writeFile(
    ini,
    `[databases]
* = ${server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
${unknownParameters === 'ignored' ? 'ignore_startup_parameters = idle_session_timeout, statement_timeout, default_transaction_isolation' : ''}
`,
  )
  await chmod(folder, 0o700)
  if (user !== null) for (const path of [folder, ini]) await chown(path, user.uid, user.gid)

  const child = spawn('pgbouncer', [ini], { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'close')
  const endWithUs = (): void => void child.kill('SIGKILL')
  process.once('exit', endWithUs)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  while (!said.includes('process up')) {
    await Promise.race([once(child.stderr, 'data'), ended])
    if (child.exitCode !== null) throw new Error(`PgBouncer did not start:\n${said}`)
  }
  return {
    url: `postgres://somebody@127.0.0.1:${listenPort}${pathname}`,
    [Symbol.asyncDispose]: async () => {
      process.off('exit', endWithUs)
      child.kill('SIGQUIT')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
