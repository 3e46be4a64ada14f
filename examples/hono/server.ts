// A button has the server publish an event to whoever pressed it, in all tabs of that person.
import { serve } from '@hono/node-server'
import { honoAdapter } from '@trunkline/adapter-hono'
import { createTrunkline, memory } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'
import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

const { DATABASE_URL: url, PORT: port = '3000' } = process.env
const trunkline = createTrunkline({ ...(url ? postgres({ url, migrate: true }) : memory()) })

const page = `<!doctype html><title>Trunkline in Hono</title>
<button>Greet me</button> <output></output>
<script src="/realtime/client.js"></script>
<script>
  addEventListener('trunkline:greeting', (event) => { document.querySelector('output').textContent = event.detail.text })
  document.querySelector('button').onclick = () => fetch('/greet', { method: 'POST' })
</script>`

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
app.get('/', (c) => c.html(page))
app.post('/greet', async (c) => {
  await trunkline.publish({ userId: c.get('visitor'), type: 'greeting', detail: { text: 'Hello from Hono' } })
  return c.body(null, 204)
})

const server = serve({ fetch: app.fetch, port: Number(port) }, () => console.log(`http://localhost:${port}`))
process.once('SIGTERM', () => {
  server.close()
  void trunkline.stop().then(() => process.exit())
})
