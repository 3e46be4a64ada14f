import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

import { serve as serveNode } from '@hono/node-server'
import { honoAdapter } from '@trunkline/adapter-hono'
import { createTrunkline, memory, type Trunkline } from '@trunkline/core'
import { type Context, Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'
import { afterEach, describe, expect, test } from 'vitest'

interface AppEnv {
  readonly Variables: { user: { id: string } | undefined }
}
type Ask = (path: string, init?: RequestInit) => Promise<Response>

const stack: (() => unknown)[] = []
const failures: unknown[] = []
afterEach(async () => {
  for (const end of stack.splice(0).toReversed()) await end()
  failures.length = 0
})

function open(): Trunkline {
  const trunkline = createTrunkline({ ...memory(), canRead: () => true, onError: (error) => failures.push(error) })
  stack.push(() => trunkline.stop({ graceMs: 0 }))
  return trunkline
}

/** An application with streams at `/rooms/:room/live`, whose user is in a header. */
function application(trunkline: Trunkline): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.use(async (c, next) => {
    const id = c.req.header('x-user')
    c.set('user', id === undefined ? undefined : { id })
    await next()
  })
  app.route(
    '/rooms/:room/live',
    honoAdapter(trunkline, {
      identify: (c: Context<AppEnv>) => c.get('user')?.id ?? false,
      channels: ['room-{room}'],
    }),
  )
  app.get('*', (c) => c.text('the application'))
  return app
}

const hosts: readonly (readonly [string, (app: Hono<AppEnv>) => Promise<Ask>])[] = [
  [
    'on @hono/node-server',
    async (app) => {
      const server = serveNode({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
      if (!server.listening) await once(server, 'listening')
      stack.push(() => {
        if ('closeAllConnections' in server) server.closeAllConnections()
        server.close()
      })
      return (path, init) => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, init)
    },
  ],
  ['with plain fetch', async (app) => async (path, init) => app.fetch(new Request(`http://localhost${path}`, init))],
]

/** Reads a stream until a text has come. */
async function readUntil(response: Response, text: string): Promise<string> {
  let seen = ''
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  while (!seen.includes(text)) {
    const { value, done } = await reader.read()
    if (done) throw new Error(`The stream ended before ${text}: ${seen}`)
    seen += new TextDecoder().decode(value)
  }
  reader.releaseLock()
  return seen
}

describe.each(hosts)('honoAdapter %s', (_, start) => {
  test('streams to who identify says, under a mount with parameters, and hands on what is not ours', async () => {
    const trunkline = open()
    const ask = await start(application(trunkline))
    const response = await ask('/rooms/7/live/sse', { headers: { 'x-user': 'ann' } })
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const read = readUntil(response, 'the last')
    await trunkline.publish({ userId: 'ben', type: 'x', detail: 'for ben' })
    await trunkline.publishToChannel({ channel: 'room-8', type: 'x', detail: 'in 8' })
    await trunkline.publishToChannel({ channel: 'room-7', type: 'x', detail: 'in 7' })
    await trunkline.publish({ userId: 'ann', type: 'x', detail: 'the last' })
    const seen = await read
    expect(seen).toContain('in 7')
    expect(seen).not.toMatch(/for ben|in 8/)
    await response.body?.cancel()
    expect((await ask('/rooms/7/live/sse')).status).toBe(401)
    expect(await (await ask('/rooms/7/live/other')).text()).toBe('the application')
    expect((await ask('/rooms/7/live/client.js')).headers.get('etag')).toMatch(/^"/)
  })

  test('under a Hono of another copy, as npm link and CommonJS bring about', async () => {
    const { Hono: Other } = createRequire(import.meta.url)('hono') as { readonly Hono: typeof Hono }
    const app = new Other()
    app.route('/rooms/:room/live', honoAdapter(open(), { identify: () => null, channels: ['room-{room}'] }))
    app.route('/', honoAdapter(open(), { identify: () => null }))
    const ask = await start(app as unknown as Hono<AppEnv>)
    for (const path of ['/rooms/a%20b/live/sse', '/sse']) {
      const response = await ask(path)
      expect(response.status).toBe(200)
      await readUntil(response, 'connected')
      await response.body?.cancel()
    }
    expect((await ask('/rooms/7/live/other')).status).toBe(404)
    expect(Other).not.toBe(Hono)
  })

  test('streams when no other handler is there', async () => {
    const trunkline = open()
    const app = new Hono<AppEnv>().route('/realtime', honoAdapter(trunkline, { identify: () => null }))
    const response = await (await start(app))('/realtime/sse')
    await readUntil(response, 'connected')
    await response.body?.cancel()
  })

  test('answers HEAD without a stream', async () => {
    const trunkline = open()
    const ask = await start(application(trunkline))
    const head = await ask('/rooms/7/live/sse', { method: 'HEAD', headers: { 'x-user': 'ann' } })
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    expect(trunkline.stats().connections).toBe(0)
  })

  test('keeps the headers of cors(), secureHeaders() and middleware of the application', async () => {
    const app = new Hono()
    app.use(cors({ origin: 'https://a.example' }), secureHeaders(), async (c, next) => {
      await next()
      c.header('x-after', '1')
    })
    app.route('/realtime', honoAdapter(open(), { identify: () => null }))
    const ask = await start(app as unknown as Hono<AppEnv>)
    const response = await ask('/realtime/sse', { headers: { origin: 'https://a.example' } })
    expect(response.headers.get('access-control-allow-origin')).toBe('https://a.example')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('x-after')).toBe('1')
    expect(response.headers.get('x-hono-already-sent')).toBeNull()
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform')
    await readUntil(response, 'connected')
    await response.body?.cancel()
  })

  test('keeps what c.header() and setCookie() have set before it, but not in place of its own', async () => {
    const app = new Hono()
    app.use(async (c, next) => {
      c.header('x-before', '1')
      c.header('cache-control', 'public, max-age=60')
      c.header('vary', 'Cookie')
      setCookie(c, 'visitor', 'ann')
      setCookie(c, 'theme', 'dark')
      await next()
    })
    const allowed = { origins: ['https://a.example'] }
    app.route('/realtime', honoAdapter(open(), { identify: () => null, cors: allowed }))
    const ask = await start(app as unknown as Hono<AppEnv>)
    for (const path of ['/realtime/sse', '/realtime/sse?channels=a', '/realtime/client.js']) {
      const { headers, body } = await ask(path, { headers: { origin: 'https://a.example' } })
      expect(headers.get('x-before')).toBe('1')
      expect(headers.getSetCookie()).toEqual(['visitor=ann; Path=/', 'theme=dark; Path=/'])
      expect(headers.get('cache-control')).toMatch(/^no-/)
      expect(headers.get('vary')).toBe('Cookie, Origin')
      await body?.cancel()
    }
  })

  test('leaves the answer to the error handler when middleware throws on the way back, and lets the client go', async () => {
    const trunkline = open()
    const app = new Hono()
    app.onError((_error, c) => c.text('broken', 500))
    app.use(async (_c, next) => {
      await next()
      throw new Error('on the way back')
    })
    app.route('/realtime', honoAdapter(trunkline, { identify: () => null }))
    const ask = await start(app as unknown as Hono<AppEnv>)
    expect((await ask('/realtime/sse')).status).toBe(500)
    await trunkline.publishGlobal({ type: 'x' })
    if (_ === 'on @hono/node-server') await expect.poll(() => trunkline.stats().connections).toBe(0)
  })

  test('notices that a client has gone', async () => {
    const trunkline = open()
    const ask = await start(application(trunkline))
    const response = await ask('/rooms/7/live/sse', { headers: { 'x-user': 'ann' } })
    await readUntil(response, 'connected')
    expect(trunkline.stats().connections).toBe(1)
    await response.body?.cancel()
    await expect.poll(() => trunkline.stats().connections).toBe(0)
    expect(failures).toEqual([])
  })
})
