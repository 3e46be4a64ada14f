// Serves the application that Vite has built, its data, and its events.
import { serve } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { honoAdapter } from '@trunkline/adapter-hono'
import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

import { prepareReport, reportsOf } from './reports.ts'
import { trunkline } from './trunkline.ts'

type AppEnv = { Variables: { visitor: string } }

const app = new Hono<AppEnv>()
app.use(async (c, next) => {
  // In place of your own sessions.
  const visitor = getCookie(c, 'visitor') ?? crypto.randomUUID()
  setCookie(c, 'visitor', visitor, { httpOnly: true, sameSite: 'Lax' })
  c.set('visitor', visitor)
  await next()
})
app.route('/realtime', honoAdapter(trunkline, { identify: (c: Context<AppEnv>) => c.get('visitor') }))
app.get('/api/reports', async (c) => {
  // The cursor first: what happens while the data is read is caught up by the stream.
  const cursor = await trunkline.cursor()
  return c.json({ cursor, reports: reportsOf(c.get('visitor')) })
})
app.post('/api/reports', async (c) => {
  const { title } = await c.req.json<{ title: string }>()
  await prepareReport(c.get('visitor'), title)
  return c.body(null, 204)
})
app.use(serveStatic({ root: `${import.meta.dirname}/../dist` }))

const { PORT: port = '3000' } = process.env
// So that reports of other processes are heard of from now on, not from the first page on.
await trunkline.start()
const server = serve({ fetch: app.fetch, port: Number(port) }, () => console.log(`http://localhost:${port}`))
process.once('SIGTERM', () => {
  server.close()
  void trunkline.stop().then(() => process.exit())
})
