// A button has the server publish an event to whoever pressed it, in all tabs of that person.
import { koaAdapter } from '@trunkline/adapter-koa'
import { createTrunkline, memory } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'
import Koa from 'koa'

const { DATABASE_URL: url, PORT: port = '3000' } = process.env
const trunkline = createTrunkline({ ...(url ? postgres({ url, migrate: true }) : memory()) })

const page = `<!doctype html><title>Trunkline in Koa</title>
<button>Greet me</button> <output></output>
<script src="/realtime/client.js"></script>
<script>
  addEventListener('trunkline:greeting', (event) => { document.querySelector('output').textContent = event.detail.text })
  document.querySelector('button').onclick = () => fetch('/greet', { method: 'POST' })
</script>`

type State = { visitor: string }
type AppContext = Koa.ParameterizedContext<State>
const app = new Koa<State>()
app.use((ctx, next) => {
  // In place of your own sessions.
  ctx.state.visitor = ctx.cookies.get('visitor') ?? crypto.randomUUID()
  ctx.cookies.set('visitor', ctx.state.visitor, { httpOnly: true, sameSite: 'lax' })
  return next()
})
app.use(koaAdapter(trunkline, { path: '/realtime', identify: (ctx: AppContext) => ctx.state.visitor }))
app.use(async (ctx) => {
  if (ctx.method === 'GET' && ctx.path === '/') ctx.body = page
  if (ctx.method !== 'POST' || ctx.path !== '/greet') return
  await trunkline.publish({ userId: ctx.state.visitor, type: 'greeting', detail: { text: 'Hello from Koa' } })
  ctx.status = 204
})

const server = app.listen(Number(port), () => console.log(`http://localhost:${port}`))
process.once('SIGTERM', () => {
  server.close()
  void trunkline.stop().then(() => process.exit())
})
