import { nodeAdapter } from '@trunkline/adapter-node-http'
import { describe, expect, inject, test } from 'vitest'

import { freePort } from '../scripts/embedded-postgres/free-port.ts'
import { createDeployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { HttpStream, statusOf } from './support/http-stream.ts'
import { startProcess } from './support/processes.ts'
import { openTransactionClient, type TransactionClient } from './support/transactions.ts'
import { startWebServer } from './support/web-server.ts'

const databaseUrl = inject('databaseUrl')
// A hundred end at a time.
const clients = 350
/** What the chat room gives its streams. */
const graceMs = 500

describe('a server process that is told to end', () => {
  test('sends its clients away bit by bit, each with a time of its own to come back, and ends when what was on its way is done', async () => {
    await using deployment = await createDeployment(databaseUrl, { database: true })
    const port = await freePort()
    await using server = await startProcess(new URL('../examples/chat-room/server.ts', import.meta.url), {
      env: { DATABASE_URL: deployment.url, PORT: String(port) },
    })
    const origin = `http://127.0.0.1:${port}`
    const url = `${origin}/realtime/sse`
    await using stack = new AsyncDisposableStack()
    const streams = await Promise.all(Array.from({ length: clients }, () => HttpStream.open(url)))
    for (const stream of streams) stack.use(stream)
    // One publish waits for a lock until the streams have ended, and the other for the first.
    await using lock = await openTransactionClient(deployment.url)
    await lock.query('begin')
    await lock.query('lock table chat_room.log in share mode')
    const say = await join(origin)
    const sending = Promise.all([say('one'), say('two')])
    await eventually('a publish to wait', () => isAnyoneWaiting(lock))
    // A page that was asked for later, and is there: the server has both messages.
    expect((await fetch(origin)).status).toBe(200)

    const began = performance.now()
    const exited = server.kill('SIGTERM')
    await eventually('the first to be sent away', () => streams.some(({ goodbye }) => goodbye !== undefined))
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    await Promise.all(streams.map((stream) => stream.untilEnd()))
    await lock.query('rollback')
    expect(await sending).toEqual([201, 201])
    const exit = await exited
    const tookMs = performance.now() - began

    expect(exit).toEqual({ code: 0, signal: null })
    expect(tookMs).toBeLessThan(2_000)
    expect(new Set(streams.map(({ goodbye }) => goodbye))).toEqual(new Set(['stopped']))
    const ends = streams.map(({ endedAt }) => endedAt as number).toSorted((a, b) => a - b) // they have ended
    const lastedMs = (ends.at(-1) as number) - (ends[0] as number)
    expect(lastedMs).toBeGreaterThan(graceMs / 2)
    expect(lastedMs).toBeLessThan(graceMs + 500)
    // From half a second to two and a half.
    const retries = streams.map(({ retryMs }) => retryMs as number).toSorted((a, b) => a - b) // each goodbye has one
    expect(new Set(retries).size).toBeGreaterThan(clients * 0.8)
    expect(retries[0]).toBeLessThan(750)
    expect(retries.at(-1)).toBeGreaterThan(2_250)

    expect(await lock.query(`select from chat_room.events where type = 'chat_message'`)).toHaveLength(2)
  })
})

describe('a trunkline that is stopped in a server that goes on', () => {
  test('refuses new streams with 503 and a time to come back, from the first moment on', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    await using server = await startWebServer(nodeAdapter(trunkline, { identify: () => null }))
    const url = `${server.origin}/realtime/sse`
    await using stack = new AsyncDisposableStack()
    const streams = await Promise.all(Array.from({ length: 150 }, () => HttpStream.open(url)))
    for (const stream of streams) stack.use(stream)

    const stopping = trunkline.stop({ graceMs: 1_000 })
    const refused = await fetch(url)
    expect([refused.status, await refused.json()]).toEqual([503, { error: 'stopped', message: expect.any(String) }])
    expect(refused.headers.get('retry-after')).toMatch(/^[1-5]$/)
    await eventually(
      'the first hundred to be sent away',
      () => streams.filter(({ goodbye }) => goodbye === undefined).length === 50,
    )
    await expect(trunkline.publishGlobal({ type: 'late' })).rejects.toMatchObject({ code: 'stopped' })
    await stopping
    await Promise.all(streams.map((stream) => stream.untilEnd()))
    expect(streams.every(({ goodbye }) => goodbye === 'stopped')).toBe(true)
    expect(await statusOf(url)).toBe(503)
  })
})

/** Picks a name. Resolves with a way to send a message, which resolves with the answer's status. */
async function join(origin: string): Promise<(message: string) => Promise<number>> {
  const post = (path: string, form: string, cookie = ''): Promise<Response> =>
    fetch(origin + path, { method: 'POST', body: new URLSearchParams(form), headers: { cookie }, redirect: 'manual' })
  const named = await post('/name', 'name=Ann')
  return async (message) => (await post('/messages', `text=${message}`, named.headers.get('set-cookie')?.split(';')[0])).status
}

async function isAnyoneWaiting({ query }: TransactionClient): Promise<boolean> {
  const waiting = await query(
    `select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`,
  )
  return waiting.length > 0
}
