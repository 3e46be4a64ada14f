import { serve } from '@hono/node-server'
import { toKoaMiddleware } from '@trunkline/adapter-koa'
import { toNodeHandler } from '@trunkline/adapter-node-http'
import { createAdmin } from '@trunkline/admin'
import { createTrunkline, memory } from '@trunkline/core'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'

type Handler = ReturnType<typeof createAdmin>

/** As docs/admin.md says. */
const hosts: Readonly<Record<string, (admin: Handler) => Server>> = {
  'node:http': (admin) => createServer(toNodeHandler(admin, { path: '/admin' })),
  Express: (admin) => createServer(express().use('/admin', toNodeHandler(admin))),
  Koa(admin) {
    const app = new Koa()
    // Koa has an error for every client that leaves a body behind, as the live page does.
    app.silent = true
    const answer = app.use(toKoaMiddleware(admin, { path: '/admin' })).callback()
    return createServer((request, response) => void answer(request, response))
  },
  Hono(admin) {
    const app = new Hono()
    app.mount('/admin', admin)
    return serve({ fetch: app.fetch, port: 0 }) as Server
  },
  'Hono, not mounted but called': (admin) => {
    const app = new Hono().all('/admin', (c) => admin(c.req.raw))
    return serve({ fetch: app.fetch, port: 0 }) as Server
  },
}

test.each(Object.keys(hosts))('under %s every kind of answer gets through', async (name) => {
  const trunkline = createTrunkline({ ...memory() })
  await trunkline.start()
  const server = hosts[name]?.(createAdmin(trunkline, { authorize: () => ({ actor: 'ada' }) })) as Server
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await trunkline.stop({ graceMs: 0 })
  })
  if (!server.listening) await once(server.listen(0), 'listening')
  const url = `http://localhost:${(server.address() as AddressInfo).port}/admin` // not a pipe

  const form = await fetch(`${url}?page=publish`)
  const cookie = form.headers.get('set-cookie')?.split(';')[0] ?? ''
  const [, token = ''] = /name="token" value="([^"]+)"/.exec(await form.text()) ?? []
  const post = (page: string, fields: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${url}?page=${page}`, {
      method: 'POST',
      body: new URLSearchParams({ token, ...fields }),
      headers: { cookie, origin: new URL(url).origin },
      redirect: 'manual',
    })

  // A stream, a redirection, a streamed page, and a file.
  const live = (await fetch(`${url}?page=live&stream=1`)).body?.getReader()
  const published = await post('publish', { type: 'greeting', scope: 'global', detail: '"hello"' })
  expect([published.status, published.headers.get('location')]).toEqual([303, expect.stringMatching(/^\?page=publish/)])
  const decoder = new TextDecoder()
  for (let text = ''; !text.includes('"greeting"');) text += decoder.decode((await live?.read())?.value)
  await live?.cancel()
  const before = new Date(Date.now() + 1_000).toISOString()
  const replayed = await post('replay', { all: 'yes', type: 'greeting', before })
  expect(await replayed.text()).toContain('1 event replayed')
  expect(await (await fetch(`${url}?file=icon.svg`)).text()).toContain('<svg')
  expect((await fetch(`${url}/?page=nowhere`)).status).toBe(404)
})
