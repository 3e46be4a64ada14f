// `pnpm demo`: the chat room as two server processes on one PostgreSQL.
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { openDatabase } from './demo/database.ts'
import { portsFrom, untilFree } from './demo/ports.ts'
import { startRoom } from './demo/room.ts'
import { onRunnerGone } from './demo/runner.ts'

const usage = `Usage: npx -y pnpm@12 demo

Starts the chat room of examples/chat-room as two server processes on one PostgreSQL, until Ctrl-C.

  PORT=4000          ports 4000 and 4001 instead of 3000 and 3001
  DATABASE_URL=…     your PostgreSQL instead of one from npm; the chat lives in its schema chat_room
  --data-dir <path>  where the PostgreSQL from npm keeps its data, instead of .data/postgres`

const { PORT, DATABASE_URL = '' } = process.env
const ending = new AbortController()
const interrupted = once(ending.signal, 'abort')
const end = (): void => ending.abort()
// A second Ctrl-C has nothing to add: everything ends within seconds anyway.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
onRunnerGone(end)

try {
  const { help, dataDir } = readArguments()
  if (help) console.log(usage)
  else await demo(dataDir)
} catch (error) {
  // Ctrl-C in a terminal also ends whatever was being started, which is no news.
  if (!ending.signal.aborted) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
process.exit()

async function demo(dataDir: string): Promise<void> {
  const ports = portsFrom(PORT)
  for (const port of ports) await untilFree(port, ending.signal)
  const database = await openDatabase(DATABASE_URL, dataDir)
  const rooms = ending.signal.aborted ? [] : ports.map((port) => startRoom(port, database.url))
  try {
    const failed = Promise.race([database, ...rooms].map((started) => started.failed))
    const ready = Promise.all(rooms.map((room) => room.ready))
    await Promise.race([ready, failed, interrupted])
    if (ending.signal.aborted) return
    console.log(welcome(await ready, database.name))
    await Promise.race([failed, interrupted])
  } finally {
    // The rooms first: their last words go through the database.
    await Promise.all(rooms.map((room) => room.stop()))
    await database.stop()
  }
}

function welcome(urls: readonly string[], database: string): string {
  return `
The chat room is open, in two server processes on ${database}:

  ${urls.join('\n  ')}

Try this:
  - Open both, pick a name, write at one: it appears at the other, by way of PostgreSQL.
  - Run a long task: its progress is in all your tabs. In a private window you are somebody else, and do not see it.
  - Scroll up: the history comes from the same log as the live messages.
  - Open /admin at either: what was said, live, and a replay of it into the chat.
  - Keep a page open, end this with Ctrl-C, start it again: the page comes back by itself and has missed nothing.

Ctrl-C ends everything${DATABASE_URL === '' ? ', PostgreSQL too' : ''}. The messages are kept.
`
}

function readArguments(): { readonly help: boolean; readonly dataDir: string } {
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    'data-dir': { type: 'string', default: join(import.meta.dirname, '../.data/postgres') },
  } as const
  try {
    // pnpm hands on the -- that separates its arguments from ours.
    const { values } = parseArgs({ args: process.argv.slice(2).filter((argument) => argument !== '--'), options })
    return { help: values.help, dataDir: values['data-dir'] }
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error }) // parseArgs throws TypeErrors
  }
}
