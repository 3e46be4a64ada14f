import { createServer } from 'node:http'

import { expect, test } from 'vitest'

import { nodeAdapter } from '@trunkline/adapter-node-http'
import type { Connectable, Connection, ErrorContext } from '@trunkline/core'

import { ask, eventually, listen, startSite } from './support.ts'

test('has the headers that proxies respect', async () => {
  await using site = await startSite()
  const { response } = await ask(`${site.origin}/realtime/sse`)
  expect(response.statusCode).toBe(200)
  expect(response.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
})

test('carries the bytes of the connection, unchanged', async () => {
  await using site = await startSite()
  const cursor = await site.trunkline.cursor()
  const details = ['é and 語 and 🐘', 'line\nbreaks\r\nof\rall kinds', { deep: [1, null, { a: '\u0000' }] }, 1e2]
  for (const detail of details) await site.trunkline.publishGlobal({ type: 'x', detail })

  const over = await ask(`${site.origin}/realtime/sse`, { headers: { 'last-event-id': cursor } })
  await over.untilDetails(details.length)
  const direct = await site.trunkline.connect({ userId: null, cursor })
  const chunks: Uint8Array[] = []
  while (Buffer.concat(chunks).length < over.bytes.length) chunks.push((await direct.next()).value ?? new Uint8Array())
  expect(over.bytes.toString()).toBe(Buffer.concat(chunks).toString())
  expect(over.details).toEqual(details)
  direct.close()
})

test('begins at once, and brings each event when it happens', async () => {
  await using site = await startSite()
  const stream = await ask(`${site.origin}/realtime/sse`)
  await stream.until(() => stream.names.includes('connected'))
  for (const detail of [1, 2, 3]) {
    await site.trunkline.publishGlobal({ type: 'count', detail })
    await stream.untilDetails(detail)
  }
  expect(stream.details).toEqual([1, 2, 3])
})

test('resumes after the place that the client names', async () => {
  await using site = await startSite()
  const first = await site.trunkline.publishGlobal({ type: 'count', detail: 1 })
  await site.trunkline.publishGlobal({ type: 'count', detail: 2 })
  for (const [query, headers] of [
    ['', { 'last-event-id': first.cursor ?? '' }],
    [`?lastEventId=${first.cursor}`, {}],
    [`?since=${first.cursor}`, {}],
  ] as const) {
    const stream = await ask(`${site.origin}/realtime/sse${query}`, { headers })
    expect((await stream.untilDetails(1)).details).toEqual([2])
    expect(stream.frames[0]).toMatchObject({ event: 'connected', id: first.cursor })
  }
})

test('keeps the headers that a middleware has set before it', async () => {
  await using site = await startSite()
  const realtime = nodeAdapter(site.trunkline, { identify: () => null, cors: { origins: ['https://a.example'] } })
  const server = createServer((req, res) => {
    res.setHeader('x-request-id', '7')
    res.setHeader('vary', 'Cookie')
    realtime(req, res)
  })
  const { origin, stop } = await listen(server)
  const { response } = await ask(`${origin}/realtime/sse`, { headers: { origin: 'https://a.example' } })
  expect(response.headers).toMatchObject({ 'x-request-id': '7', vary: 'Cookie, Origin' })
  server.closeAllConnections()
  await stop()
})

test('ends with goodbye when the trunkline stops, and the next one is refused with 503', async () => {
  await using site = await startSite()
  const streams = await Promise.all([1, 2, 3].map(() => ask(`${site.origin}/realtime/sse`)))
  await site.trunkline.stop()
  for (const stream of streams) {
    expect((await stream.untilEnd()).names).toEqual(['connected', 'goodbye'])
    expect(stream.frames.at(-1)?.data).toBe('{"reason":"stopped"}')
  }
  const late = await ask(`${site.origin}/realtime/sse`)
  expect(late.response.statusCode).toBe(503)
  expect(Number(late.response.headers['retry-after'])).toBeGreaterThan(0)
})

test('a failure in the middle of a stream breaks it off, so that the client comes back, and is reported', async () => {
  const failures: ErrorContext[] = []
  const broken = new BreakingConnection()
  const connectable: Connectable = {
    connect: async () => broken,
    report: (_error, context) => void failures.push(context),
  }
  await using site = await startSite({}, connectable)
  const answer = await ask(`${site.origin}/realtime/sse`)
  await answer.readChunk()
  broken.break()
  await answer.untilEnd()
  expect(answer.bytes.toString()).toBe(': the only frame\n\n')
  expect(failures).toEqual([{ stage: 'connection' }])
  await eventually(() => broken.isClosed)
})

class BreakingConnection implements Connection {
  readonly id = 'breaking'
  readonly closed = new Promise<never>(() => {})
  isClosed = false
  break = (): void => {}
  #isFirst = true

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = new TextEncoder().encode(': the only frame\n\n')
    if (!this.#isFirst) return new Promise((_, reject) => (this.break = () => reject(new Error('The store has burnt down.'))))
    this.#isFirst = false
    return Promise.resolve({ value: chunk, done: false })
  }

  close(): void {
    this.isClosed = true
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
