import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, chmod, chown, lstat, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Binaries } from './binaries.ts'
import { canUse, type ServerUser } from './server-user.ts'

const run = promisify(execFile)
const passwordFile = 'trunkline-password'
const settingsFile = 'trunkline.conf'

/** PG* variables of the shell would reach into the server otherwise. */
export const serverEnvironment: Readonly<Record<string, string>> = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' }

/** Everything the server writes. A temporary one is removed when the server stops. */
export interface DataFolder {
  readonly path: string
  readonly isTemporary: boolean
}

/** Makes the folder if need be, and hands it to the user who runs the server. */
export async function openDataFolder(dataDir: string | undefined, user: ServerUser | null): Promise<DataFolder> {
  const path = dataDir === undefined ? await mkdtemp(join(tmpdir(), 'trunkline-postgres-')) : await place(resolve(dataDir), user)
  await own(path, user)
  return { path, isTemporary: dataDir === undefined }
}

/** Makes a cluster in an empty folder, leaves an existing one alone. Returns the password of the user `postgres`. */
export async function initialise(folder: DataFolder, binaries: Binaries, user: ServerUser | null): Promise<string> {
  const { path, isTemporary } = folder
  if (existsSync(join(path, 'PG_VERSION'))) return readExisting(path, binaries)

  // Made beside its place and moved there when complete: an interrupted initdb leaves nothing that looks like a cluster.
  const partial = `${path}.partial`
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial)
  await own(partial, user)
  // Every user of the machine can reach the port, and whoever is superuser can run programs.
  const password = randomBytes(18).toString('base64url')
  const secret = await mkdtemp(join(tmpdir(), 'trunkline-initdb-'))
  try {
    await writeFile(join(secret, 'password'), password)
    await own(secret, user)
    const flags = ['--encoding=UTF8', '--locale=C', '--no-instructions', ...(isTemporary ? ['--no-sync'] : [])]
    const auth = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${join(secret, 'password')}`]
    await run(binaries.initdb, ['-D', partial, ...auth, ...flags], { ...user, cwd: partial, env: serverEnvironment })
    await appendFile(join(partial, 'postgresql.conf'), `\ninclude = '${settingsFile}'\n`)
    await writeFile(join(partial, passwordFile), password, { mode: 0o600 })
    await rename(partial, path)
  } finally {
    await Promise.all([secret, partial].map((name) => rm(name, { recursive: true, force: true })))
  }
  return password
}

/** A file of its own rather than flags of the command: so a test's ALTER SYSTEM still wins. */
export async function writeSettings({ path }: DataFolder, settings: Readonly<Record<string, string | number>>): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`)
  await writeFile(join(path, settingsFile), lines.join(''))
  await chmod(join(path, settingsFile), 0o644)
}

async function readExisting(path: string, binaries: Binaries): Promise<string> {
  const major = (await readFile(join(path, 'PG_VERSION'), 'utf8')).trim()
  if (Number(major) !== Number.parseInt(binaries.version, 10)) {
    throw new Error(`${path} was made by PostgreSQL ${major}, this is ${binaries.version}. Remove the folder to start anew.`)
  }
  return readFile(join(path, passwordFile), 'utf8')
}

/** A checkout below /root is closed to the user who runs the server: its data then live in /var/tmp, which survives a reboot. */
async function place(wanted: string, user: ServerUser | null): Promise<string> {
  await mkdir(dirname(wanted), { recursive: true })
  if (await canUse(user, dirname(wanted))) {
    await mkdir(wanted, { recursive: true })
    return wanted
  }
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12)
  const path = join('/var/tmp', `trunkline-${basename(wanted)}-${hash}`)
  await mkdir(path, { recursive: true })
  // Anybody may have made something of this name there.
  const found = await lstat(path)
  if (!found.isDirectory() || ![0, user?.uid].includes(found.uid))
    throw new Error(`${path} is not ours. Remove it and start again.`)
  return path
}

async function own(path: string, user: ServerUser | null): Promise<void> {
  await chmod(path, 0o700)
  if (user !== null) await chown(path, user.uid, user.gid)
}
