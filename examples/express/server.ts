// A button has the server publish an event to whoever pressed it, in all tabs of that person.
import { nodeAdapter } from '@trunkline/adapter-node-http'
import { createTrunkline, memory } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'
import express, { type Request } from 'express'

const { DATABASE_URL: url, PORT: port = '3000' } = process.env
const trunkline = createTrunkline({ ...(url ? postgres({ url, migrate: true }) : memory()) })

const page = `<!doctype html><title>Trunkline in Express</title>
<button>Greet me</button> <output></output>
<script src="/realtime/client.js"></script>
<script>
  addEventListener('trunkline:greeting', (event) => { document.querySelector('output').textContent = event.detail.text })
  document.querySelector('button').onclick = () => fetch('/greet', { method: 'POST' })
</script>`

// In place of your own sessions.
const visitorOf = (request: Request): string | null => /(?:^|; )visitor=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? null

const app = express()
app.use('/realtime', nodeAdapter(trunkline, { identify: visitorOf }))
app.get('/', (request, response) => {
  response.cookie('visitor', visitorOf(request) ?? crypto.randomUUID(), { httpOnly: true, sameSite: 'lax' }).send(page)
})
app.post('/greet', (request, response, next) => {
  const userId = visitorOf(request)
  const event = { type: 'greeting', detail: { text: 'Hello from Express' } }
  if (userId === null) response.sendStatus(401)
  else trunkline.publish({ ...event, userId }).then(() => response.sendStatus(204), next)
})

const server = app.listen(Number(port), () => console.log(`http://localhost:${port}`))
process.once('SIGTERM', () => {
  server.close()
  void trunkline.stop().then(() => process.exit())
})
