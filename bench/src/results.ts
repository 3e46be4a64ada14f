import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem, type } from 'node:os'

import type { Findings, Row } from './row.ts'

/** A row that was measured: a file of `results`. */
export interface Result extends Findings {
  readonly row: string
  readonly measuredAt: string
  /** Of the code that was measured, with a + when it had changes that were not committed. */
  readonly commit: string
  readonly machine: {
    readonly node: string
    readonly cpu: string
    readonly cores: number
    readonly memoryGb: number
    readonly system: string
  }
}

const folder = new URL('../results/', import.meta.url)
const fileOf = (row: string): URL => new URL(`${row}.json`, folder)

/** What was found, and on what. */
export function resultOf({ name }: Row, findings: Findings): Result {
  const processors = cpus()
  return {
    row: name,
    measuredAt: new Date().toISOString(),
    commit: commit(),
    machine: {
      node: process.version,
      cpu: processors[0]?.model ?? 'unknown',
      cores: processors.length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      system: `${type()} ${release().split('-')[0]}`,
    },
    ...findings,
  }
}

export async function writeResult(result: Result): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(fileOf(result.row), `${JSON.stringify(result, null, 2)}\n`)
}

/** Null when the row was not measured yet. */
export async function readResult(row: string): Promise<Result | null> {
  try {
    return JSON.parse(await readFile(fileOf(row), 'utf8')) as Result // written by writeResult
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Whether a result is of the code as it is now. */
export function isAboutThis(result: Result | null): boolean {
  return result !== null && result.commit === commit()
}

/** The last commit that changed what is measured: results and docs are committed after it. */
function commit(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const measured = [':/packages', ':/bench', ':(top,exclude)bench/results']
    const last = git('log', '-1', '--format=%h', '--', ...measured)
    return git('status', '--porcelain', '--', ...measured) === '' ? last : `${last}+`
  } catch {
    // Not in a clone.
    return 'unknown'
  }
}
