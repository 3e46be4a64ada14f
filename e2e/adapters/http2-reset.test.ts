import { once } from 'node:events'
import { connect, constants, createServer, type Http2ServerRequest } from 'node:http2'

import { nodeAdapter } from '@trunkline/adapter-node-http'
import { createTrunkline, memory } from '@trunkline/core'
import { expect, test } from 'vitest'

import { close, listen } from './server.ts'

test('a stream of HTTP/2 that is reset without an error while its window is full is forgotten within a second', async () => {
  const trunkline = createTrunkline({ ...memory() })
  const cursor = await trunkline.cursor()
  for (let number = 0; number < 20; number++) await trunkline.publishGlobal({ type: 'page', detail: 'x'.repeat(100_000) })
  const server = createServer(nodeAdapter<Http2ServerRequest>(trunkline, { identify: () => null }))
  const session = connect(`http://127.0.0.1:${await listen(server)}`)
  const stream = session.request({ ':path': '/realtime/sse', 'last-event-id': cursor })
  await once(stream, 'response')
  await expect.poll(() => trunkline.stats().connections).toBe(1)
  // As destroy() of Node's own client does it.
  stream.close(constants.NGHTTP2_NO_ERROR)
  await expect.poll(() => trunkline.stats().connections, { timeout: 1_000 }).toBe(0)
  session.destroy()
  await trunkline.stop({ graceMs: 0 })
  await close(server)
})
