import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'

import { isAlive } from '../../e2e/support/is-alive.ts'
import { type RunningProcess, startProcess } from '../../e2e/support/processes.ts'

let folder: string
let port: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-demo-'))
  // The server's user has to get in when the tests run as root.
  await chmod(folder, 0o755)
  port = await freePair()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the demo', () => {
  test('opens the room at two processes, and leaves nothing running', async () => {
    const demo = await start()
    const [here, there] = urls()
    expect(demo.output).toContain(`${here}\n  ${there}\n`)
    for (const url of urls()) expect((await fetch(url)).headers.get('content-type')).toContain('text/html')

    await say(here, 'Hello from the first process')
    expect(await messagesAt(there)).toEqual(['Hello from the first process'])

    const started = await processesOf(demo)
    expect(started).toHaveLength(3)
    expect(await demo.kill('SIGINT')).toEqual({ code: 0, signal: null })
    await expectNothingLeft(started)
  })

  test('is there again within five seconds, with its messages', async () => {
    const began = performance.now()
    const demo = await start()
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(await messagesAt(urls()[0])).toEqual(['Hello from the first process'])

    // In a terminal, everybody gets the signal.
    const started = await processesOf(demo)
    expect(await demo.interrupt()).toEqual({ code: 0, signal: null })
    await expectNothingLeft(started)
    expect(demo.output).not.toMatch(/error|ended by itself/i)
  })

  test('comes back after it was killed without a chance to clean up', async () => {
    const killed = await start()
    const started = await processesOf(killed)
    await killed.kill('SIGKILL')
    const demo = await start()
    expect(await messagesAt(urls()[1])).toEqual(['Hello from the first process'])
    await expectNothingLeft(started, { lockFile: true })
    await demo.kill('SIGTERM')
  })

  test('ends as a whole, and says so, when one of its processes ends by itself', async () => {
    const demo = await start()
    const started = await processesOf(demo)
    kill(started, 'server.ts', 'SIGKILL')
    expect(await demo.exited).toEqual({ code: 1, signal: null })
    expect(demo.output).toMatch(/The server process on port \d+ ended by itself \(SIGKILL\)\.\n$/)
    await expectNothingLeft(started)
  })

  test('ends as a whole, and says so, when PostgreSQL ends by itself', async () => {
    const demo = await start()
    const started = await processesOf(demo)
    kill(started, '/bin/postgres', 'SIGQUIT')
    expect(await demo.exited).toEqual({ code: 1, signal: null })
    expect(demo.output).toMatch(/PostgreSQL ended by itself\. What it said is in \/.*server\.log\n$/)
    await expectNothingLeft(started)
  })
})

test('the demo ends with the npx or pnpm that runs it', async () => {
  // As they run a script: in a shell, with their mark in the environment. A signal to npx alone ends only npx and such a shell.
  const flags = ['--conditions=@trunkline/source', file.pathname, '--data-dir', join(folder, 'postgres')]
  const runner = spawn('sh', ['-c', '"$@"; true', 'sh', process.execPath, ...flags], {
    env: { ...process.env, PORT: String(port), DATABASE_URL: '', npm_lifecycle_event: 'demo' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void runner.kill('SIGKILL'))
  let output = ''
  runner.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  await vi.waitFor(() => expect(output).toContain('Ctrl-C ends'), { timeout: 20_000 })

  runner.kill('SIGKILL')
  for (const url of urls()) await expect.poll(() => isUp(url), { timeout: 5_000 }).toBe(false)
  await vi.waitFor(() => expect(existsSync(join(folder, 'postgres/postmaster.pid'))).toBe(false), { timeout: 5_000 })
})

describe('the demo says in one line', () => {
  test('which port is in use', async () => {
    const other = createServer().listen(port + 1)
    onTestFinished(() => void other.close())
    expect(await problemOf({})).toBe(
      `Port ${port + 1} is in use. Stop the program that uses it, or choose another port, as in: PORT=4000 npx -y pnpm@12 demo`,
    )
  })

  test('that PORT is no port', async () => {
    expect(await problemOf({ PORT: '65535' })).toMatch(/^PORT must be a number from 1 to 65534 .*, got "65535"\.$/)
  })

  test('that nobody serves DATABASE_URL', async () => {
    expect(await problemOf({ DATABASE_URL: 'postgres://u:secret@localhost:9/db' })).toMatch(/localhost:9.*\(store_unavailable\)$/)
  })

  test('that DATABASE_URL is none', async () => {
    expect(await problemOf({ DATABASE_URL: 'database' })).toMatch(/\(invalid_options\)$/)
  })
})

const file = new URL('../demo.ts', import.meta.url)

async function start(): Promise<RunningProcess> {
  const env = { PORT: String(port), DATABASE_URL: '' }
  const demo = await startProcess(file, { env, args: ['--data-dir', join(folder, 'postgres')], ready: /Ctrl-C ends/ })
  onTestFinished(() => demo[Symbol.asyncDispose]())
  return demo
}

async function problemOf(env: Readonly<Record<string, string>>): Promise<string> {
  await using demo = await startProcess(file, {
    env: { PORT: String(port), DATABASE_URL: 'postgres://nobody', ...env },
    ready: null,
  })
  expect(await demo.exited).toEqual({ code: 1, signal: null })
  return demo.output.trim()
}

function urls(): readonly [string, string] {
  return [`http://localhost:${port}`, `http://localhost:${port + 1}`]
}

function isUp(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  )
}

async function say(url: string, text: string): Promise<void> {
  const joined = await fetch(`${url}/name`, { method: 'POST', body: new URLSearchParams({ name: 'Ada' }), redirect: 'manual' })
  const cookie = joined.headers.get('set-cookie')?.split(';')[0] ?? ''
  const sent = await fetch(`${url}/messages`, { method: 'POST', body: new URLSearchParams({ text }), headers: { cookie } })
  expect(sent.status).toBe(201)
}

async function messagesAt(url: string): Promise<string[]> {
  const { messages } = (await (await fetch(`${url}/messages`)).json()) as { messages: { text: string }[] }
  return messages.map(({ text }) => text)
}

interface Started {
  readonly pid: number
  readonly command: string
}

/** Its children, apart from the guard that outlives it by a moment. */
async function processesOf(demo: RunningProcess): Promise<Started[]> {
  const found: Started[] = []
  for (const pid of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
    const [stat, command] = await Promise.all(
      ['stat', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '')),
    )
    const parent = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    if (parent === demo.pid && !command?.includes('guard')) found.push({ pid, command: command ?? '' })
  }
  return found
}

function kill(started: readonly Started[], command: string, signal: NodeJS.Signals): void {
  const one = started.find((each) => each.command.includes(command))
  if (one === undefined) throw new Error(`No ${command} among ${JSON.stringify(started)}`)
  process.kill(one.pid, signal)
}

async function expectNothingLeft(started: readonly Started[], { lockFile = false } = {}): Promise<void> {
  await vi.waitFor(() => expect(started.filter(({ pid }) => isAlive(pid))).toEqual([]), { timeout: 5_000 })
  expect(existsSync(join(folder, 'postgres/postmaster.pid'))).toBe(lockFile)
}

async function freePair(): Promise<number> {
  for (;;) {
    const candidate = 20_000 + Math.floor(Math.random() * 20_000)
    if ((await isFree(candidate)) && (await isFree(candidate + 1))) return candidate
  }
}

function isFree(candidate: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(candidate, () => probe.close(() => resolve(true)))
  })
}
