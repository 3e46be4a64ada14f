import { createServer, type Server } from 'node:http'

import { createAdaptorServer } from '@hono/node-server'
import { honoAdapter } from '@trunkline/adapter-hono'
import { nodeAdapter } from '@trunkline/adapter-node-http'
import { createTrunkline, memory, type Trunkline } from '@trunkline/core'
import compression from 'compression'
import express from 'express'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { expect, test } from 'vitest'

import { askHttp } from './clients.ts'
import { close, listen } from './server.ts'

const text = 'compressible '.repeat(1_000)

function onExpress(trunkline: Trunkline): Server {
  const app = express()
  app.use(compression({ threshold: 0 }))
  app.use('/realtime', nodeAdapter(trunkline, { identify: () => null }))
  app.use((_, res) => void res.type('text').send(text))
  return createServer(app)
}

function onHono(trunkline: Trunkline): Server {
  const app = new Hono()
  app.use(compress({ threshold: 0 }))
  app.route('/realtime', honoAdapter(trunkline, { identify: () => null }))
  app.all('*', (c) => c.text(text))
  return createAdaptorServer({ fetch: app.fetch }) as Server
}

test.each([
  ['compression in Express', onExpress],
  ['compress() in Hono', onHono],
])('%s compresses the application, and holds no event back', async (_, start) => {
  await using trunkline = createTrunkline({ ...memory() })
  const server = start(trunkline)
  const ask = askHttp(await listen(server))
  const headers = { 'accept-encoding': 'gzip' }
  const page = await ask('/page', { headers })
  expect(page.headers.get('content-encoding')).toBe('gzip')
  await page.body?.cancel()

  const stream = await ask('/realtime/sse', { headers })
  expect(stream.headers.get('content-encoding')).toBeNull()
  const reader = (stream.body as ReadableStream<Uint8Array>).getReader()
  let seen = ''
  for (const wanted of ['connected', 'the first', 'the second']) {
    if (wanted !== 'connected') await trunkline.publishGlobal({ type: 'said', detail: wanted })
    while (!seen.includes(wanted)) seen += new TextDecoder().decode((await reader.read()).value)
  }
  await reader.cancel()
  await trunkline.stop({ graceMs: 0 })
  await close(server)
})
