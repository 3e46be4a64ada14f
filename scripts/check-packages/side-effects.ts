import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

/**
 * What is wrong with a built package's `sideEffects`. Bundlers leave out an import that nobody uses because the manifest says that it
 * does nothing: so it has to say so, and importing may not leave a name in the global scope, nor keep a process alive.
 */
export async function findingsInSideEffects(folder: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
  if (manifest.sideEffects !== false) return [`sideEffects is ${JSON.stringify(manifest.sideEffects)}, and has to be false.`]
  const entries = Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.default]))
  const urls = entries.map((entry) => pathToFileURL(join(folder, entry)).href)
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', look, ...urls], {
      timeout: 20_000,
    })
    return stdout.split('\n').filter((line) => line !== '')
  } catch (error) {
    return [`Importing it fails, or does not end: ${String(error)}`]
  }
}

interface Manifest {
  readonly sideEffects?: unknown
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>
}

// Symbols are left out: those are how libraries, and Node.js itself, recognize their own.
const look = `
  for (const url of process.argv.slice(1)) {
    const before = new Set(Object.getOwnPropertyNames(globalThis))
    await import(url)
    const left = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name))
    if (left.length > 0) console.log(url + ' leaves in the global scope: ' + left.join(', '))
  }`
