// One server process: DATABASE_URL=postgres://… PORT=3000 node server.ts
import { TrunklineError } from '@trunkline/core'

import { startChatRoom } from './chat-room.ts'

const { DATABASE_URL: databaseUrl = '', PORT: portText = '3000' } = process.env
// A process that does not get everything closed in time is ended: nobody should have to look for it.
const stopWithinMs = 2_000

try {
  const room = await startChatRoom({
    databaseUrl: checkUrl(databaseUrl),
    port: checkPort(portText),
    onError: createReport(portText),
  })

  const stop = (): void => {
    setTimeout(() => process.exit(1), stopWithinMs).unref()
    void room.stop().finally(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  // Started by another program, this one ends with it, however that program ends.
  process.on('disconnect', stop)
  if (process.send === undefined) console.log(`The chat room is at ${room.url}`)
  else process.send({ ready: room.url }, ignoreGone)
} catch (error) {
  const problem = explain(error)
  if (process.send === undefined) console.error(problem)
  else await new Promise<void>((resolve) => process.send?.({ problem }, () => resolve()))
  process.exit(1)
}

function checkUrl(url: string): string {
  if (url !== '') return url
  throw new Error(
    'DATABASE_URL is not set. Set it to a PostgreSQL, as in postgres://user:password@localhost:5432/name, or run the demo, which brings one.',
  )
}

function checkPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`PORT must be a number from 1 to 65535, got ${JSON.stringify(text)}.`)
}

/** What is wrong and what to do, in one line: the stack trace of a wrong password helps nobody. */
function explain(error: unknown): string {
  if (error instanceof TrunklineError) return `${error.message} (${error.code})`
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, message: String(error) }
  if (code === 'EADDRINUSE') return `Port ${portText} is in use. Stop the program that uses it, or set PORT to another one.`
  if (code === 'EACCES') return `Port ${portText} needs the rights of an administrator. Set PORT to one from 1024 on.`
  return message
}

/** Failures without a caller, one line each. An outage is noticed in many places, again and again: what was just said is not repeated. */
function createReport(name: string): (error: unknown, where: string) => void {
  let last = ''
  return (error, where) => {
    const message = error instanceof Error ? error.message : String(error)
    if (message !== last) console.error(`[${name}] ${where}: ${message}`)
    last = message
  }
}

function ignoreGone(): void {
  // The parent has gone meanwhile, and 'disconnect' says so too.
}
