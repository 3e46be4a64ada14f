import { execFile } from 'node:child_process'
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { findingsInSideEffects } from './check-packages/side-effects.ts'
import { findingsInMaps } from './check-packages/source-maps.ts'

// What a user would install, looked at as a user's tools see it: packed, then publint, "are the types wrong" and source maps on the
// archive. What importing it does is tried where it was built.

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '..')
const bin = (name: string): string => join(root, 'node_modules/.bin', name)

interface Package {
  readonly name: string
  readonly folder: string
}

const packages = await findPackages()
if (packages.length === 0) throw new Error(`There is no package to check below ${join(root, 'packages')}.`)

const archives = await mkdtemp(join(tmpdir(), 'trunkline-packages-'))
try {
  for (const item of packages) {
    const findings = await check(item)
    console.log(findings.length === 0 ? `ok    ${item.name}` : `wrong ${item.name}\n${findings.join('\n')}`)
    if (findings.length > 0) process.exitCode = 1
  }
} finally {
  await rm(archives, { recursive: true, force: true })
}
console.log(`${packages.length} packages checked`)

async function findPackages(): Promise<Package[]> {
  const found: Package[] = []
  for await (const path of glob('packages/*/package.json', { cwd: root })) {
    const manifest = JSON.parse(await readFile(join(root, path), 'utf8')) as { name: string; private?: boolean }
    if (manifest.private !== true) found.push({ name: manifest.name, folder: join(root, dirname(path)) })
  }
  return found.toSorted((a, b) => a.name.localeCompare(b.name))
}

async function check({ folder }: Package): Promise<string[]> {
  const { stdout } = await run('pnpm', ['pack', '--json', '--pack-destination', archives], { cwd: folder })
  const { filename } = JSON.parse(stdout) as { filename: string }
  const unpacked = await mkdtemp(join(archives, 'unpacked-'))
  await run('tar', ['-xzf', filename, '-C', unpacked])
  return [
    ...(await findingsOf('publint', ['run', '--strict', filename])),
    // Asking the registry for a package in @types would make the check depend on the network.
    ...(await findingsOf('attw', ['--profile', 'esm-only', '--no-definitely-typed', '--no-emoji', filename])),
    ...(await findingsInMaps(join(unpacked, 'package'))),
    ...(await findingsInSideEffects(folder)),
  ]
}

async function findingsOf(tool: string, args: readonly string[]): Promise<string[]> {
  try {
    await run(bin(tool), args)
    return []
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    if (stdout === undefined) throw error
    return [`${tool}:\n${stdout}${stderr}`]
  }
}
