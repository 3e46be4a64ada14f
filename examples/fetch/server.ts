// A button has the server publish an event to whoever pressed it, in all tabs of that person.
import { serve } from '@hono/node-server'
import { fetchAdapter } from '@trunkline/adapter-fetch'
import { createTrunkline, memory } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'

const { DATABASE_URL: url, PORT: port = '3000' } = process.env
const trunkline = createTrunkline({ ...(url ? postgres({ url, migrate: true }) : memory()) })
// In place of your own sessions.
const visitorOf = ({ headers }: Request): string | null =>
  /(?:^|; )visitor=([^;]+)/.exec(headers.get('cookie') ?? '')?.[1] ?? null
const realtime = fetchAdapter(trunkline, { path: '/realtime', identify: visitorOf })

const page = `<!doctype html><title>Trunkline with fetch</title>
<button>Greet me</button> <output></output>
<script src="/realtime/client.js"></script>
<script>
  addEventListener('trunkline:greeting', (event) => { document.querySelector('output').textContent = event.detail.text })
  document.querySelector('button').onclick = () => fetch('/greet', { method: 'POST' })
</script>`

async function app(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  const visitor = visitorOf(request)
  if (pathname === '/') {
    const cookie = `visitor=${visitor ?? crypto.randomUUID()}; HttpOnly; SameSite=Lax`
    return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8', 'set-cookie': cookie } })
  }
  if (pathname !== '/greet' || request.method !== 'POST') return realtime(request)
  if (visitor === null) return new Response(null, { status: 401 })
  await trunkline.publish({ userId: visitor, type: 'greeting', detail: { text: 'Hello from fetch' } })
  return new Response(null, { status: 204 })
}

const server = serve({ fetch: app, port: Number(port) }, () => console.log(`http://localhost:${port}`))
process.once('SIGTERM', () => {
  server.close()
  void trunkline.stop().then(() => process.exit())
})
