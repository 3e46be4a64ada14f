import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Who the server runs as when we are root. Fits the options of node:child_process. */
export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to run as root. `null` where we are an ordinary user already. */
export async function findServerUser(): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null
  // `nobody` exists everywhere, so nothing has to be added to the machine's users.
  return (await lookUp('postgres')) ?? (await lookUp('nobody')) ?? fail()
}

/** Whether that user can enter the folder: all folders above it count. */
export async function canUse(user: ServerUser | null, folder: string): Promise<boolean> {
  if (user === null) return true
  return run('sh', ['-c', 'cd "$1"', 'sh', folder], { ...user, cwd: '/' }).then(
    () => true,
    () => false,
  )
}

async function lookUp(name: string): Promise<ServerUser | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return null
  }
}

function fail(): never {
  throw new Error(
    'PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody. Set DATABASE_URL.',
  )
}
