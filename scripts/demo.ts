// `pnpm demo`: the chat room as two server processes on one PostgreSQL.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { startPostgres } from './embedded-postgres.ts'

const root = join(import.meta.dirname, '..')
const usage = `Usage: npx -y pnpm@12 demo

Starts the chat room of examples/chat-room as two server processes on one PostgreSQL, until Ctrl-C.

  PORT=4000          ports 4000 and 4001 instead of 3000 and 3001
  DATABASE_URL=…     your PostgreSQL instead of one from npm; the chat lives in its schema chat_room
  --data-dir <path>  where the PostgreSQL from npm keeps its data, instead of .data/postgres`

/** Something that was started, and what it takes down with it when it ends by itself. */
interface Started {
  /** Rejects when it fails or ends by itself. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

const ending = new AbortController()
const interrupted = once(ending.signal, 'abort')
// A second Ctrl-C has nothing to add: everything ends within seconds anyway.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort())

try {
  const { help, dataDir } = readArguments()
  if (help) console.log(usage)
  else await demo(readPort(), dataDir)
} catch (error) {
  // Ctrl-C in a terminal reaches whatever was being started as well.
  if (!ending.signal.aborted) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
process.exit()

async function demo(port: number, dataDir: string): Promise<void> {
  const ports = [port, port + 1]
  for (const each of ports) await untilFree(each)
  const { url, what, ...database } = await openDatabase(dataDir)
  const rooms = ending.signal.aborted ? [] : ports.map((each) => startRoom(each, url))
  try {
    const failed = Promise.race([database, ...rooms].map((each) => each.failed))
    const ready = Promise.all(rooms.map((room) => room.ready))
    await Promise.race([ready, failed, interrupted])
    if (!ending.signal.aborted) {
      console.log(welcome(await ready, what))
      await Promise.race([failed, interrupted])
    }
  } finally {
    // The rooms first: they have to say goodbye to the database.
    await Promise.all(rooms.map((room) => room.stop()))
    await database.stop()
  }
}

function welcome(urls: readonly string[], database: string): string {
  return `
The chat room is open, in two server processes on ${database}:

  ${urls.join('\n  ')}

Try this:
  - Open both, pick a name, and write at one: it appears at the other. The way is publish, PostgreSQL, the other process, its browsers.
  - Run a long task: its progress is in all your tabs. In a private window you are somebody else, and do not see it.
  - Scroll up: the history comes from the same log as the live messages.
  - Keep a page open, end this with Ctrl-C and start it again: the page comes back by itself.

Ctrl-C ends both processes${process.env['DATABASE_URL'] ? '' : ' and PostgreSQL; the messages are kept'}.
`
}

async function openDatabase(dataDir: string): Promise<Started & { readonly url: string; readonly what: string }> {
  const { DATABASE_URL: url = '' } = process.env
  if (url !== '') return { url, what: 'the PostgreSQL of DATABASE_URL', failed: new Promise(() => {}), stop: async () => {} }
  console.log('Starting PostgreSQL …')
  const server = await startPostgres({ dataDir })
  const failed = new Promise<never>((_resolve, reject) => {
    setInterval(() => {
      if (!isRunning(server.pid)) reject(new Error(`PostgreSQL ended by itself. What it said is in ${server.logFile}`))
    }, 1_000).unref()
  })
  return { url: server.url, what: `PostgreSQL ${server.version.split('-')[0]} (data in ${relative(root, server.dataDir)})`, failed, stop: () => server.stop() }
}

function startRoom(port: number, url: string): Started & { readonly ready: Promise<string> } {
  const child = fork(join(root, 'examples/chat-room/server.ts'), {
    // The workspace's packages as they are in src, without a build.
    execArgv: ['--conditions=@trunkline/source'],
    env: { ...process.env, PORT: String(port), DATABASE_URL: url },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit')
  const message = once(child, 'message') as Promise<[{ ready: string } | { problem: string }]>
  // Its last word may come after its end.
  const end = Promise.all([gone, once(child, 'disconnect')])
  const ready = message.then(([said]) => ('ready' in said ? said.ready : Promise.reject(new Error(said.problem))))
  const failed = Promise.race([
    ready.then(() => new Promise<never>(() => {})),
    end.then(([[code, signal]]) => Promise.reject(new Error(`The server process on port ${port} ended by itself (${signal ?? code}).`))),
  ])
  return {
    ready,
    failed,
    async stop() {
      child.kill('SIGTERM')
      const impatience = setTimeout(() => child.kill('SIGKILL'), 4_000)
      await gone
      clearTimeout(impatience)
    },
  }
}

/** Waits a little: after a demo that was killed, its server processes take a moment to notice. */
async function untilFree(port: number): Promise<void> {
  for (let tries = 30; !(await isFree(port)); tries--) {
    if (tries === 0) throw new Error(`Port ${port} is in use. Stop the program that uses it, or choose other ports, as in: PORT=4000 npx -y pnpm@12 demo`)
    await sleep(100, undefined, ending)
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    probe.listen(port)
    await once(probe, 'listening')
    return true
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException // what sockets throw
    if (code === 'EADDRINUSE') return false
    throw new Error(`Port ${port} cannot be used (${message}). Choose another one, as in: PORT=4000 npx -y pnpm@12 demo`, { cause: error })
  } finally {
    probe.close()
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function readPort(): number {
  const { PORT: text = '' } = process.env
  const port = text === '' ? 3_000 : Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_535) return port
  throw new Error(`PORT must be a number from 1 to 65534 (the demo takes the next one too), got ${JSON.stringify(text)}.`)
}

function readArguments(): { readonly help: boolean; readonly dataDir: string } {
  const options = { help: { type: 'boolean', short: 'h', default: false }, 'data-dir': { type: 'string', default: join(root, '.data/postgres') } } as const
  try {
    // pnpm hands a separating -- on.
    const { values } = parseArgs({ args: process.argv.slice(2).filter((argument) => argument !== '--'), options })
    return { help: values.help, dataDir: values['data-dir'] }
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error }) // parseArgs throws TypeErrors
  }
}
