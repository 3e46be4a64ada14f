import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { connect, createServer as createServer2 } from 'node:http2'

import { toKoaMiddleware } from '@trunkline/adapter-koa'
import { type NodeHandler, toNodeHandler } from '@trunkline/adapter-node-http'
import type { AskOptions } from '@trunkline/testing'
import express from 'express'
import fastify from 'fastify'
import Koa from 'koa'
import { afterEach, describe, expect, test } from 'vitest'

import { askHttp2 } from './clients.ts'
import { close, listen } from './server.ts'

const stack: (() => unknown)[] = []
const failures: unknown[] = []
afterEach(async () => {
  for (const end of stack.splice(0).toReversed()) await end()
  failures.length = 0
})

let gone = 0

/** A web-standard handler that says what it was asked; and streams, fails and redirects when asked to. */
async function handler(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  if (pathname === '/fails') throw new Error('the secret text')
  if (pathname === '/moved') return new Response(null, { status: 303, headers: { location: './' } })
  if (pathname === '/stream') {
    request.signal.addEventListener('abort', () => gone++)
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('first')) })
    return new Response(body, { headers: { 'content-type': 'text/plain' } })
  }
  const headers = new Headers({ vary: 'cookie' })
  for (const cookie of ['a=1', 'b=2']) headers.append('set-cookie', cookie)
  const asked = [request.method, pathname, search, request.headers.get('x-test'), await request.text()]
  return Response.json(asked, { status: 201, headers })
}

type Ask = (path: string, options?: AskOptions & { readonly body?: string }) => Promise<Response>

async function serve(listener: RequestListener): Promise<Ask> {
  const server = createServer(listener)
  const port = await listen(server)
  stack.push(() => close(server))
  return (path, options) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...options })
}

const onError = (error: unknown): void => void failures.push(error)

async function onHttp2(): Promise<Ask> {
  const node = toNodeHandler(handler, { path: '/admin', onError })
  const server = createServer2((req, res) => node(req, res))
  const session = connect(`http://127.0.0.1:${await listen(server)}`)
  stack.push(async () => {
    session.destroy()
    await close(server)
  })
  const ask = askHttp2(session)
  return (path, options = {}) => ask(path, options)
}

async function onFastify(): Promise<Ask> {
  const app = fastify({ forceCloseConnections: true })
  const node = toNodeHandler(handler, { path: '/admin', onError })
  // The handler reads the body itself.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  for (const path of ['/admin', '/admin/*']) {
    app.all(path, (request, reply) => {
      reply.hijack()
      node(request.raw, reply.raw)
    })
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  stack.push(() => app.close())
  const { port } = app.server.address() as { readonly port: number }
  return (path, options) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...options })
}

function onExpress(): Promise<Ask> {
  const app = express()
  app.use('/admin', toNodeHandler(handler) as NodeHandler<IncomingMessage>)
  app.use((_, res) => void res.send('the application'))
  app.use(((error, _req, res, _next) => {
    failures.push(error)
    res.status(500).end()
  }) as express.ErrorRequestHandler)
  return serve(app)
}

function onKoa(): Promise<Ask> {
  const app = new Koa()
  app.on('error', onError)
  app.use(async (ctx, next) => {
    ctx.set('x-before', '1')
    ctx.append('set-cookie', 'own=1')
    await next()
    ctx.set('x-after', '1')
  })
  app.use(toKoaMiddleware(handler, { path: '/admin' }))
  app.use((ctx) => {
    ctx.body = 'the application'
  })
  const handle = app.callback()
  return serve((req, res) => void handle(req, res))
}

describe.each([
  ['node:http', () => serve(toNodeHandler(handler, { path: '/admin', onError }))],
  ['node:http2', onHttp2],
  ['Express', onExpress],
  ['Fastify', onFastify],
  ['Koa', onKoa],
])('a fetch handler on %s', (name, open) => {
  test('gets the request with the mount taken off, and its answer arrives', async () => {
    const ask = await open()
    for (const [path, seen] of [
      ['/admin', '/'],
      ['/admin/', '/'],
      ['/admin/a/b?c=d&e', '/a/b'],
    ] as const) {
      const response = await ask(path, {
        method: 'POST',
        headers: { 'x-test': 'yes', 'content-type': 'text/x' },
        body: 'the body',
      })
      expect([response.status, await response.json()]).toEqual([
        201,
        ['POST', seen, path.includes('?') ? '?c=d&e' : '', 'yes', 'the body'],
      ])
      expect(response.headers.get('vary')?.toLowerCase()).toContain('cookie')
      expect(response.headers.getSetCookie()).toEqual(expect.arrayContaining(['a=1', 'b=2']))
    }
  })

  test('answers without a body, and to HEAD', async () => {
    const ask = await open()
    const moved = await ask('/admin/moved')
    expect([moved.status, moved.headers.get('location'), await moved.text()]).toEqual([303, './', ''])
    const head = await ask('/admin/', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([201, ''])
  })

  test('is left alone by what is not under its mount', async () => {
    const ask = await open()
    const response = await ask('/administration')
    const expected = name === 'Express' || name === 'Koa' ? [200, 'the application'] : [404]
    expect([response.status, await response.text()].slice(0, expected.length)).toEqual(expected)
  })

  test('fails with 500, nothing of the error, and a word to who is asked', async () => {
    const ask = await open()
    const response = await ask('/admin/fails')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
    expect(failures.map(String)).toEqual(['Error: the secret text'])
  })

  test('streams, and hears of who has gone', async () => {
    const ask = await open()
    gone = 0
    const leave = new AbortController()
    const response = await ask('/admin/stream', { signal: leave.signal })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('first')
    leave.abort()
    await reader.cancel().catch(() => {})
    await expect.poll(() => gone).toBe(1)
  })
})

test('in Koa the headers of other middleware stay', async () => {
  const ask = await onKoa()
  const response = await ask('/admin')
  expect([response.headers.get('x-before'), response.headers.get('x-after')]).toEqual(['1', '1'])
  expect(response.headers.getSetCookie()).toEqual(['own=1', 'a=1', 'b=2'])
})
