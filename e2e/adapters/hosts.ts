import { getEventListeners } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, createServer as createServer2, type Http2ServerRequest } from 'node:http2'

import { createAdaptorServer } from '@hono/node-server'
import { fetchAdapter } from '@trunkline/adapter-fetch'
import { honoAdapter } from '@trunkline/adapter-hono'
import { koaAdapter } from '@trunkline/adapter-koa'
import { nodeAdapter } from '@trunkline/adapter-node-http'
import type { AdapterHost, AdapterSetup, ReadHeader } from '@trunkline/testing'
import express from 'express'
import fastify from 'fastify'
import { type Context, Hono } from 'hono'
import Koa, { type Context as KoaContext } from 'koa'

import { askHandler, askHttp2 } from './clients.ts'
import { nodeHeader, optionsFor } from './options.ts'
import { close, type HttpHost, httpHost, listen, watchResidue } from './server.ts'

/** What stands behind the adapter where a framework has something to put there. */
const application = 'the application'

/** node:http: the adapter alone, which answers what is not its own with 404. */
export function nodeHttp(setup: AdapterSetup): Promise<HttpHost> {
  const options = optionsFor<IncomingMessage>(setup, nodeHeader)
  return httpHost(createServer(nodeAdapter(setup.trunkline, { ...options, path: setup.path })))
}

/** node:http2 without encryption, all requests over one connection. */
export async function nodeHttp2(setup: AdapterSetup): Promise<AdapterHost> {
  const options = optionsFor<Http2ServerRequest>(setup, nodeHeader)
  const adapter = nodeAdapter<Http2ServerRequest>(setup.trunkline, { ...options, path: setup.path })
  const server = createServer2((req, res) => adapter(req, res, () => res.end(application)))
  const residue = watchResidue(server)
  const session = connect(`http://127.0.0.1:${await listen(server)}`)
  const dispose = async (): Promise<void> => {
    session.destroy()
    await close(server)
  }
  return { ask: askHttp2(session), application, residue, dispose }
}

/** Express, which takes a mount off the path, and keeps its parameters. */
export function onExpress(setup: AdapterSetup): Promise<HttpHost> {
  const options = optionsFor<IncomingMessage>(setup, nodeHeader)
  const app = express()
  app.use(setup.path, nodeAdapter(setup.trunkline, options))
  app.use((_, res) => void res.send(application))
  return httpHost(createServer(app), application)
}

/** Fastify by a route, which hands the raw pair over. */
export async function onFastify(setup: AdapterSetup): Promise<HttpHost> {
  const app = fastify({ forceCloseConnections: true })
  const adapter = nodeAdapter(setup.trunkline, { ...optionsFor<IncomingMessage>(setup, nodeHeader), path: setup.path })
  for (const path of [setup.path, `${setup.path}/*`]) {
    app.all(path, (request, reply) => {
      reply.hijack()
      adapter(request.raw, reply.raw)
    })
  }
  await app.ready()
  return httpHost(app.server)
}

/** Fastify by a hook: before routing, and what is not the adapter's goes on to Fastify's own 404. */
export async function onFastifyHook(setup: AdapterSetup): Promise<HttpHost> {
  const app = fastify({ forceCloseConnections: true })
  const adapter = nodeAdapter(setup.trunkline, { ...optionsFor<IncomingMessage>(setup, nodeHeader), path: setup.path })
  app.addHook('onRequest', (request, reply, done) => {
    adapter(request.raw, reply.raw, (error) => done(error as Error | undefined))
  })
  await app.ready()
  return httpHost(app.server)
}

/** Koa. */
export function onKoa(setup: AdapterSetup): Promise<HttpHost> {
  const app = new Koa()
  app.use(koaAdapter(setup.trunkline, { ...optionsFor<KoaContext>(setup, ({ req }) => nodeHeader(req)), path: setup.path }))
  app.use((ctx) => void (ctx.body = application))
  const handle = app.callback()
  return httpHost(
    createServer((req, res) => void handle(req, res)),
    application,
  )
}

/** Hono on Node.js, where a stream is written past it. */
export function onHonoNode(setup: AdapterSetup): Promise<HttpHost> {
  return httpHost(createAdaptorServer({ fetch: honoApp(setup).fetch }) as ReturnType<typeof createServer>, application)
}

/** Hono with nothing around it. */
export async function onHonoFetch(setup: AdapterSetup): Promise<AdapterHost> {
  const app = honoApp(setup)
  return fetchHost((request) => app.fetch(request), application)
}

/** A web-standard handler. */
export async function onFetch(setup: AdapterSetup): Promise<AdapterHost> {
  const options = optionsFor<Request>(setup, webHeader)
  return fetchHost(fetchAdapter(setup.trunkline, { ...options, path: setup.path }))
}

function honoApp(setup: AdapterSetup): Hono {
  const app = new Hono()
  app.route(
    setup.path,
    honoAdapter(
      setup.trunkline,
      optionsFor<Context>(setup, (c) => (name) => c.req.header(name)),
    ),
  )
  app.all('*', (c) => c.text(application))
  return app
}

/** A handler as a host: requests are given to it directly. */
export function fetchHost(handler: (request: Request) => Response | Promise<Response>, behind?: string): AdapterHost {
  const signals: AbortSignal[] = []
  return {
    ask: askHandler((request) => {
      signals.push(request.signal)
      return handler(request)
    }),
    ...(behind === undefined ? {} : { application: behind }),
    residue: () => signals.reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0) + activeTimers(),
    dispose: async () => {},
  }
}

/** Reads the headers of a web-standard request. */
export function webHeader({ headers }: Request): ReadHeader {
  return (name) => headers.get(name)
}

function activeTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}
