import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHarness } from '@trunkline/testing'
import { describe, expect, test } from 'vitest'

// By path: as a dependency it would make a circle of packages, and no order to build them in.
import { fetchAdapter } from '../../adapter-fetch/src/index.ts'

describe('clients through the application', () => {
  test('the stream that the application answers is read', async () => {
    await using harness = await createHarness()
    const app = fetchAdapter(harness.trunkline, { identify: (request) => request.headers.get('x-user') })
    const open = async (headers: Record<string, string>) =>
      harness.connect(await app(new Request('https://example.org/realtime/sse', { headers })))
    const client = await open({ 'x-user': '7' })
    await harness.trunkline.publish({ userId: 8, type: 'a' })
    await harness.trunkline.publish({ userId: 7, type: 'a', detail: 1 })
    await client.expectEvent('a', 1)
    expect(client.events).toHaveLength(1)
    await client[Symbol.asyncDispose]()
    await expect.poll(() => harness.trunkline.stats().connections).toBe(0)
    await harness.trunkline.publish({ userId: 7, type: 'b' })
    await (await open({ 'x-user': '7', 'last-event-id': client.cursor })).expectEvent('b')
  })

  test('an answer that is no stream is an error that says what it is', async () => {
    await using harness = await createHarness()
    const app = fetchAdapter(harness.trunkline, { identify: () => false })
    const answer = await app(new Request('https://example.org/realtime/sse'))
    await expect(harness.connect(answer)).rejects.toThrow(/^The application answered no stream, but 401 with /)
    await expect(harness.connect(new Response('<h1>Sign in</h1>', { headers: { 'content-type': 'text/html' } }))).rejects.toThrow(
      'The application answered no stream, but 200 with text/html: <h1>Sign in</h1>',
    )
    const failed = new Response('', { status: 500, headers: { 'content-type': 'text/event-stream' } })
    await expect(harness.connect(failed)).rejects.toThrow('no stream, but 500 with text/event-stream.')
  })

  test('a stream of another dialect, and one that ends at once, are errors', async () => {
    await using harness = await createHarness()
    const headers = { 'content-type': 'text/event-stream' }
    await expect(harness.connect(new Response('event: stream-open\ndata: \n\n', { headers }))).rejects.toThrow(
      'begins with {"event":"stream-open","data":""}. A client of the harness reads the dialect "trunkline"',
    )
    await expect(harness.connect(new Response('', { headers }))).rejects.toThrow('The stream ended at once.')
  })

  test('a stream that does not begin is an error, and left', async () => {
    await using harness = await createHarness()
    const left = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({ cancel: () => left.resolve() })
    const silent = new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    await expect(harness.connect(silent)).rejects.toThrow('The stream had not begun within 2000 ms.')
    await left.promise
  })

  test('a stream that breaks off ends with an error', async () => {
    await using harness = await createHarness()
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('event: connected\ndata: {}\n\n')),
      pull: (controller) => controller.error(new Error('ECONNRESET')),
    })
    const client = await harness.connect(new Response(body, { headers: { 'content-type': 'text/event-stream' } }))
    expect(await client.closed).toBe('error')
  })

  test('it may come over a socket, from a fetch of any kind', async () => {
    await using harness = await createHarness()
    const serve = async (response: ServerResponse): Promise<void> => {
      const stream = await harness.trunkline.connect({ userId: 7 })
      response.on('close', () => stream.close()).writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      for await (const chunk of stream) response.write(chunk)
      response.end()
    }
    const server = createServer((_request, response) => void serve(response))
    await new Promise<void>((resolve) => server.listen(0, resolve))
    const client = await harness.connect(await fetch(`http://localhost:${(server.address() as AddressInfo).port}`))
    await harness.trunkline.publish({ userId: 7, type: 'a', detail: 'é'.repeat(100_000) })
    await client.expectEvent('a', 'é'.repeat(100_000))
    client.close()
    await expect.poll(() => harness.trunkline.stats().connections).toBe(0)
    server.closeAllConnections()
    server.close()
  })
})
