import { execFile } from 'node:child_process'
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Leaves the folder without a lock file, or explains who holds it. A server that was killed leaves its lock file behind, and when its
 * process id has since been given to another program (likely in containers), PostgreSQL itself would refuse to start.
 */
export async function releaseLock(folder: string): Promise<void> {
  const lockFile = join(folder, 'postmaster.pid')
  // A server whose owner was killed is being stopped by its guard at this moment.
  const deadline = performance.now() + 3_000
  for (;;) {
    const [pid, , , port] = (await readFile(lockFile, 'utf8').catch(() => '')).split('\n')
    if (!pid) return
    if (!(await serves(Number(pid), folder))) {
      await endOrphans(folder)
      return rm(lockFile, { force: true })
    }
    if (performance.now() > deadline) {
      throw new Error(
        `A PostgreSQL (process ${pid}, port ${port}) runs from ${folder} already. Stop its owner, or: kill -INT ${pid}`,
      )
    }
    await sleep(100)
  }
}

async function serves(pid: number, folder: string): Promise<boolean> {
  try {
    // PostgreSQL works from inside of its data folder. `ps` is missing on bare Debian.
    if (platform() === 'linux') return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(folder))
    const { stdout } = await run('ps', ['-p', String(pid), '-o', 'command='])
    return stdout.includes(folder)
  } catch {
    return false
  }
}

/** A backend busy with a query does not notice that its server is gone, and keeps the shared memory that the next server asks for. */
async function endOrphans(folder: string): Promise<void> {
  if (platform() !== 'linux') return
  for (const name of await readdir('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || !(await serves(pid, folder))) continue
    const program = await readlink(`/proc/${pid}/exe`).catch(() => '')
    if (program.endsWith('/postgres')) process.kill(pid, 'SIGKILL')
  }
}
