import http from 'node:http'
import http2 from 'node:http2'

import { Hono } from 'hono'
import { expectTypeOf, test } from 'vitest'

import { fetchAdapter } from '../../../adapter-fetch/src/index.ts'
import { nodeAdapter } from '../../../adapter-node-http/src/index.ts'
import { trunkline } from './catalogue.ts'
import { bareAdapter } from './bare-adapter.ts'

const user = { email: 'x', admin: false }

test('nodeAdapter is a listener of node:http and node:http2, and a middleware', () => {
  http.createServer(nodeAdapter(trunkline, { path: '/realtime', identify: (req) => req.headers['x-user']?.toString() ?? null }))
  http2.createSecureServer(
    {},
    nodeAdapter(trunkline, { identify: (req: http2.Http2ServerRequest) => req.headers['x-user']?.toString() }),
  )
  const handler = nodeAdapter(trunkline, { identify: (req: http.IncomingMessage & { user?: { id: string } }) => req.user?.id })
  expectTypeOf(handler).parameter(2).toEqualTypeOf<((error?: unknown) => void) | undefined>()
})

test('fetchAdapter is a web-standard handler', () => {
  const handler = fetchAdapter(trunkline, { identify: async (request) => request.headers.get('x') })
  expectTypeOf(handler).toEqualTypeOf<(request: Request) => Promise<Response>>()
})

test('Hono mounts it, and a route of Hono can return its response', () => {
  const handler = fetchAdapter(trunkline, { identify: () => null })
  const app = new Hono<{ Variables: { user: string } }>()
  app.mount('/realtime', handler)
  app.all('/realtime/*', (c) => handler(c.req.raw))
  app.get('/events', async (c) => {
    const { id } = { id: c.get('user') }
    return fetchAdapter(trunkline, { path: '/events', routes: { stream: '/' }, identify: () => id })(c.req.raw)
  })
})

test('identify answers with an id, nobody, no, or a user', () => {
  nodeAdapter(trunkline, { identify: () => 7 })
  nodeAdapter(trunkline, { identify: () => 7n })
  nodeAdapter(trunkline, { identify: () => undefined })
  nodeAdapter(trunkline, { identify: () => false })
  nodeAdapter(trunkline, { identify: async () => ({ userId: '7', user, expiresAt: new Date() }) })
  nodeAdapter(trunkline, { identify: () => ({ userId: null }) })
})

test('identify is a decision, and true is not one', () => {
  // @ts-expect-error no identify
  nodeAdapter(trunkline, { path: '/realtime' })
  // @ts-expect-error no identify
  fetchAdapter(trunkline, {})
  // @ts-expect-error true is nobody
  nodeAdapter(trunkline, { identify: () => true })
  // @ts-expect-error true is nobody, also later
  fetchAdapter(trunkline, { identify: async () => true })
  // @ts-expect-error a row of the database is no id
  nodeAdapter(trunkline, { identify: () => ({ id: 7 }) })
})

test('identify gives the user that canRead and the hooks were written for', () => {
  // @ts-expect-error no email
  nodeAdapter(trunkline, { identify: () => ({ userId: 'x', user: { nope: 1 } }) })
})

test('an adapter for another host needs core/http alone', () => {
  http.createServer(bareAdapter(trunkline, { identify: () => ({ userId: '7', user }) }))
  // @ts-expect-error no identify
  bareAdapter(trunkline, {})
})
