import { once } from 'node:events'
import { type ClientHttp2Stream, connect, createServer, type Http2ServerRequest, type IncomingHttpHeaders } from 'node:http2'

import { expect, test } from 'vitest'

import { nodeAdapter } from '@trunkline/adapter-node-http'
import { createTrunkline, memory, type Trunkline } from '@trunkline/core'
import type { AdapterOptions } from '@trunkline/core/http'

import { eventually, listen } from './support.ts'

interface Site extends AsyncDisposable {
  readonly trunkline: Trunkline
  readonly failures: readonly unknown[]
  open(headers?: Readonly<Record<string, string>>): ClientHttp2Stream
}

async function startSite(options: Partial<AdapterOptions<Http2ServerRequest, unknown>> = {}): Promise<Site> {
  const failures: unknown[] = []
  const trunkline = createTrunkline({ ...memory(), canRead: () => true, onError: (error) => failures.push(error) })
  const handler = nodeAdapter<Http2ServerRequest>(trunkline, { identify: () => null, ...options })
  const server = createServer((req, res) => handler(req, res))
  const { origin, stop } = await listen(server)
  const session = connect(origin)
  return {
    trunkline,
    failures,
    open: (headers = {}) => session.request({ ':path': '/realtime/sse', ...headers }).setEncoding('utf8'),
    async [Symbol.asyncDispose]() {
      await trunkline.stop()
      session.destroy()
      await stop()
    },
  }
}

async function readUntil(stream: ClientHttp2Stream, wanted: string): Promise<string> {
  const chunks: string[] = []
  while (!chunks.slice(-2).join('').includes(wanted)) {
    const chunk = stream.read() as string | null
    if (chunk !== null) chunks.push(chunk)
    else await once(stream, 'readable')
  }
  return chunks.join('')
}

test('streams over HTTP/2, without the headers that it forbids', async () => {
  await using site = await startSite()
  const stream = site.open()
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  expect(headers).toMatchObject({ ':status': 200, 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })
  expect(Object.keys(headers)).not.toContain('connection')
  expect(Object.keys(headers)).not.toContain('transfer-encoding')
  await site.trunkline.publishGlobal({ type: 'greeting', detail: 'over two' })
  expect(await readUntil(stream, 'over two')).toMatch(/^event: connected\n/)
})

test('hooks get a Web request, without the pseudo-headers', async () => {
  const seen: unknown[] = []
  const trunkline = createTrunkline({
    ...memory(),
    canRead: ({ request }) => {
      seen.push(
        request?.url,
        request?.headers.get('x-user'),
        [...(request?.headers.keys() ?? [])].filter((name) => name.startsWith(':')),
      )
      return true
    },
  })
  const server = createServer(nodeAdapter<Http2ServerRequest>(trunkline, { identify: () => null }))
  const { origin, stop } = await listen(server)
  const session = connect(origin)
  await once(session.request({ ':path': '/realtime/sse?channel=a', 'x-user': 'ann' }), 'response')
  expect(seen).toEqual([`${origin}/realtime/sse?channel=a`, 'ann', []])
  await trunkline.stop()
  session.destroy()
  await stop()
})

test('who cancels a stream is forgotten within a second, and the others on the same connection stay', async () => {
  await using site = await startSite()
  const streams = [site.open(), site.open()]
  await Promise.all(streams.map((stream) => once(stream, 'response')))
  expect(site.trunkline.stats().connections).toBe(2)
  streams[0]?.close()
  await eventually(() => site.trunkline.stats().connections === 1, 1_000)
  await site.trunkline.publishGlobal({ type: 'greeting', detail: 'who stayed' })
  await readUntil(streams[1] as ClientHttp2Stream, 'who stayed')
  expect(site.failures).toEqual([])
})

test('who cancels while it is still being identified leaves nothing behind', async () => {
  const door = Promise.withResolvers<null>()
  let asked: Http2ServerRequest | undefined
  await using site = await startSite({ identify: (req) => ((asked ??= req), door.promise) })
  const stream = site.open()
  await eventually(() => asked !== undefined)
  const gone = once(asked?.stream ?? stream, 'close')
  stream.close()
  await gone
  door.resolve(null)
  const next = site.open()
  await readUntil(next, 'connected')
  await eventually(() => site.trunkline.stats().connections === 1, 1_000)
  expect(site.failures).toEqual([])
})

test('a stream whose window is full is not written to, and goes on when it opens', async () => {
  await using site = await startSite()
  const lazy = site.open()
  const neighbour = site.open()
  await Promise.all([once(lazy, 'response'), once(neighbour, 'response')])
  const padding = 'x'.repeat(100_000)
  let mostQueued = 0
  for (let number = 0; number < 50; number++) {
    await site.trunkline.publishGlobal({ type: 'page', detail: { padding, number } })
    await readUntil(neighbour, `"number":${number}}`)
    mostQueued = Math.max(mostQueued, site.trunkline.stats().queuedBytes)
  }
  expect(mostQueued).toBeLessThan(1_024 * 1_024)
  const text = await readUntil(lazy, '"number":49}')
  expect(Array.from(text.matchAll(/"number":(\d+)}/g), ([, number]) => Number(number))).toEqual(
    Array.from({ length: 50 }, (_, number) => number),
  )
})

test('ends with goodbye when the trunkline stops', async () => {
  await using site = await startSite()
  const stream = site.open()
  await once(stream, 'response')
  await site.trunkline.stop()
  expect(await readUntil(stream, 'stopped')).toContain('event: goodbye')
  await once(stream.resume(), 'end')
})
