import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { koaAdapter } from '@trunkline/adapter-koa'
import { createTrunkline, memory, type Trunkline } from '@trunkline/core'
import type { AdapterOptions } from '@trunkline/core/http'
import Koa, { type Context, type Middleware } from 'koa'
import { afterEach, describe, expect, test } from 'vitest'

const stack: (() => unknown)[] = []
const failures: unknown[] = []
afterEach(async () => {
  for (const end of stack.splice(0).toReversed()) await end()
  failures.length = 0
})

/** A Koa app with a trunkline in it, on a real port. */
async function serve(options: Partial<AdapterOptions<Context, unknown>> = {}, ...around: readonly Middleware[]) {
  const trunkline: Trunkline = createTrunkline({ ...memory(), canRead: () => true, onError: (error) => failures.push(error) })
  const app = new Koa()
  app.silent = true
  for (const middleware of around) app.use(middleware)
  app.use(koaAdapter(trunkline, { identify: () => null, ...options }))
  app.use((ctx) => {
    if (ctx.respond !== false) ctx.body = 'the application'
  })
  const handle = app.callback()
  const server = createServer((req, res) => void handle(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  stack.push(async () => {
    await trunkline.stop({ graceMs: 0 })
    server.closeAllConnections()
    server.close()
  })
  return { trunkline, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Reads a stream until a text has come. */
async function readUntil(response: Response, text: string): Promise<string> {
  let seen = ''
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    seen += new TextDecoder().decode(chunk)
    if (seen.includes(text)) return seen
  }
  throw new Error(`The stream ended before ${text}: ${seen}`)
}

describe('koaAdapter', () => {
  test('streams to who identify says, and hands on what is not ours', async () => {
    const { trunkline, url } = await serve({ identify: (ctx) => ctx.get('x-user') })
    const response = await fetch(`${url}/realtime/sse`, { headers: { 'x-user': 'ann' } })
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const read = readUntil(response, 'for ann')
    await trunkline.publish({ userId: 'ben', type: 'x', detail: 'for ben' })
    await trunkline.publish({ userId: 'ann', type: 'x', detail: 'for ann' })
    expect(await read).not.toContain('for ben')
    expect((await fetch(`${url}/realtime/client.js`)).headers.get('etag')).toMatch(/^"/)
    expect(await (await fetch(`${url}/elsewhere`)).text()).toBe('the application')
    expect(await (await fetch(`${url}/realtime/unknown`)).text()).toBe('the application')
  })

  test('answers HEAD, OPTIONS and refusals as Koa answers do, with their headers', async () => {
    const { url } = await serve({ identify: (ctx) => (ctx.get('x-user') === '' ? false : 'ann') })
    const refused = await fetch(`${url}/realtime/sse`)
    expect([refused.status, await refused.json()]).toEqual([401, { error: 'unauthorized', message: 'Sign in first.' }])
    const head = await fetch(`${url}/realtime/sse`, { method: 'HEAD', headers: { 'x-user': 'ann' } })
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    const options = await fetch(`${url}/realtime/sse`, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
    expect((await fetch(`${url}/realtime/sse`, { method: 'POST' })).status).toBe(405)
  })

  test('keeps headers that middleware sets before it and on the way back', async () => {
    const { url } = await serve({ cors: { origins: ['https://a.example'] } }, async (ctx, next) => {
      ctx.set('x-before', '1')
      ctx.vary('accept-language')
      await next()
      ctx.set('x-after', '2')
    })
    const response = await fetch(`${url}/realtime/sse`, { headers: { origin: 'https://a.example' } })
    expect(response.headers.get('x-before')).toBe('1')
    expect(response.headers.get('x-after')).toBe('2')
    expect(response.headers.get('vary')).toBe('accept-language, Origin')
    expect(response.headers.get('access-control-allow-origin')).toBe('https://a.example')
  })

  test('leaves the answer to Koa when middleware throws on the way back, and lets the client go', async () => {
    const { trunkline, url } = await serve({}, async (_, next) => {
      await next()
      throw new Error('on the way back')
    })
    expect((await fetch(`${url}/realtime/sse`)).status).toBe(500)
    await expect.poll(() => trunkline.stats().connections).toBe(0)
  })

  test('takes nothing where somebody answers past Koa already', async () => {
    const { trunkline, url } = await serve({}, async (ctx, next) => {
      ctx.respond = false
      await next()
      ctx.res.end('past Koa')
    })
    expect(await (await fetch(`${url}/realtime/sse`)).text()).toBe('past Koa')
    expect(trunkline.stats().connections).toBe(0)
  })

  test('notices that a client has gone', async () => {
    const { trunkline, url } = await serve()
    const gone = new AbortController()
    await readUntil(await fetch(`${url}/realtime/sse`, { signal: gone.signal }), 'connected')
    expect(trunkline.stats().connections).toBe(1)
    gone.abort()
    await expect.poll(() => trunkline.stats().connections).toBe(0)
    expect(failures).toEqual([])
  })
})
