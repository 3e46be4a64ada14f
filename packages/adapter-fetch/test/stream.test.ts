import { expect, test } from 'vitest'

import type { Connectable, Connection, ErrorContext } from '@trunkline/core'

import { createSite, eventually, StreamReader } from './support.ts'

test('has the headers that proxies respect, and none that HTTP/2 forbids', async () => {
  await using site = createSite()
  const { status, headers } = await site.ask('/realtime/sse')
  expect(status).toBe(200)
  expect(Object.fromEntries(headers)).toEqual({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
})

test('carries the bytes of the connection, chunk by chunk and unchanged', async () => {
  await using site = createSite()
  const cursor = await site.trunkline.cursor()
  const details = ['é and 語 and 🐘', 'line\nbreaks\r\nof\rall kinds', { deep: [1, null, { a: '\u0000' }] }, 1e2]
  for (const detail of details) await site.trunkline.publishGlobal({ type: 'x', detail })

  const over = new StreamReader(await site.ask('/realtime/sse', { headers: { 'last-event-id': cursor } }))
  await over.untilDetails(details.length)
  const direct = await site.trunkline.connect({ userId: null, cursor })
  for (const chunk of over.chunks) expect(Buffer.from(chunk)).toEqual(Buffer.from((await direct.next()).value ?? []))
  expect(over.details).toEqual(details)
  direct.close()
})

test('resumes after the place that the client names', async () => {
  await using site = createSite()
  const first = await site.trunkline.publishGlobal({ type: 'count', detail: 1 })
  await site.trunkline.publishGlobal({ type: 'count', detail: 2 })
  for (const [query, headers] of [
    ['', { 'last-event-id': first.cursor ?? '' }],
    [`?lastEventId=${first.cursor}`, {}],
    [`?since=${first.cursor}`, {}],
  ] as const) {
    const stream = new StreamReader(await site.ask(`/realtime/sse${query}`, { headers }))
    expect((await stream.untilDetails(1)).details).toEqual([2])
    expect(stream.frames[0]).toMatchObject({ event: 'connected', id: first.cursor })
  }
})

test('hooks get the request itself', async () => {
  const seen: unknown[] = []
  const connectable: Connectable = {
    connect: ({ request }) => {
      seen.push(request)
      return Promise.reject(new Error('Seen enough.'))
    },
    report: () => {},
  }
  const request = new Request('https://example.org/realtime/sse')
  const { fetchAdapter } = await import('@trunkline/adapter-fetch')
  expect((await fetchAdapter(connectable, { identify: () => null })(request)).status).toBe(500)
  expect(seen).toEqual([request])
})

test('ends with goodbye when the trunkline stops, and the next one is refused with 503', async () => {
  await using site = createSite()
  const streams = (await Promise.all([1, 2, 3].map(() => site.ask('/realtime/sse')))).map(
    (response) => new StreamReader(response),
  )
  await Promise.all(streams.map((stream) => stream.readChunk()))
  await site.trunkline.stop()
  for (const stream of streams) {
    expect((await stream.untilEnd()).frames.map(({ event }) => event)).toEqual(['connected', 'goodbye'])
  }
  const late = await site.ask('/realtime/sse')
  expect(late.status).toBe(503)
  expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('a failure in the middle of a stream breaks it off, is reported, and leaves nothing behind', async () => {
  const failures: ErrorContext[] = []
  const breaking = new BreakingConnection()
  const connectable: Connectable = { connect: async () => breaking, report: (_error, context) => void failures.push(context) }
  await using site = createSite({}, connectable)
  const stream = new StreamReader(await site.ask('/realtime/sse'))
  await stream.readChunk()
  await expect(stream.readChunk()).rejects.toThrow('burnt down')
  expect(failures).toEqual([{ stage: 'connection' }])
  await eventually(() => breaking.isClosed, 500)
})

class BreakingConnection implements Connection {
  readonly id = 'breaking'
  readonly closed = new Promise<never>(() => {})
  isClosed = false
  #isFirst = true

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#isFirst) throw new Error('The store has burnt down.')
    this.#isFirst = false
    return { value: new TextEncoder().encode(': the only frame\n\n'), done: false }
  }

  close(): void {
    this.isClosed = true
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
