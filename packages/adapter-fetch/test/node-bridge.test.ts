import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'

import { expect, test } from 'vitest'

import { fetchAdapter } from '@trunkline/adapter-fetch'
import { createTrunkline, memory, type Trunkline } from '@trunkline/core'

import { eventually } from './support.ts'

interface Bridge extends AsyncDisposable {
  readonly trunkline: Trunkline
  open(): Promise<IncomingMessage>
}

/** What frameworks on Node put around a fetch handler, in its shortest form. */
async function startBridge(): Promise<Bridge> {
  const trunkline = createTrunkline({ ...memory() })
  const handler = fetchAdapter(trunkline, { identify: () => null })
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const left = new AbortController()
    res.once('close', () => left.abort())
    const { status, headers, body } = await handler(new Request(`http://${req.headers.host}${req.url}`, { signal: left.signal }))
    res.writeHead(status, Object.fromEntries(headers))
    // A client that goes away is the normal end of a stream.
    await pipeline(Readable.fromWeb((body ?? new Blob().stream()) as ReadableStream), res).catch(() => {})
  }
  const server = createServer((req, res) => void answer(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // not a pipe
  return {
    trunkline,
    async open() {
      const [response] = (await once(get({ port, path: '/realtime/sse', agent: false }), 'response')) as [IncomingMessage]
      response.on('error', () => {})
      return response
    },
    async [Symbol.asyncDispose]() {
      await trunkline.stop()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('over a real socket events arrive when they happen, and who leaves is forgotten within a second', async () => {
  await using bridge = await startBridge()
  const stream = await bridge.open()
  await bridge.trunkline.publishGlobal({ type: 'greeting', detail: 'over a socket' })
  await readUntil(stream, 'over a socket')
  expect(bridge.trunkline.stats().connections).toBe(1)
  stream.destroy()
  await eventually(() => bridge.trunkline.stats().connections === 0, 1_000)
})

test('over a real socket a client that never reads is not read for, and gets everything when it reads', async () => {
  await using bridge = await startBridge()
  const lazy = await bridge.open()
  const padding = 'x'.repeat(200 * 1_024)
  for (let number = 0; number < 150; number++) await bridge.trunkline.publishGlobal({ type: 'page', detail: { padding, number } })
  // It stands before the end of the log: the rest is read from there when the socket takes it.
  expect(bridge.trunkline.stats().counters.delivered).toBeLessThan(150)
  expect(bridge.trunkline.stats().queuedBytes).toBeLessThan(1_024 * 1_024)
  const text = await readUntil(lazy, '"number":149}')
  expect(Array.from(text.matchAll(/"number":(\d+)}/g), ([, number]) => Number(number))).toEqual(
    Array.from({ length: 150 }, (_, number) => number),
  )
})

async function readUntil(response: IncomingMessage, wanted: string): Promise<string> {
  const chunks: string[] = []
  response.setEncoding('utf8')
  while (!chunks.slice(-2).join('').includes(wanted)) {
    const chunk = response.read() as string | null
    if (chunk !== null) chunks.push(chunk)
    else await once(response, 'readable')
  }
  return chunks.join('')
}
