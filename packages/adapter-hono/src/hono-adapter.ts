import { clientScript } from '@trunkline/client/script'
import type { Connectable } from '@trunkline/core'
import {
  type AdapterOptions,
  channelsOf,
  checkAdapterOptions,
  createHttp,
  nodeAddress,
  type NodeRequest,
  type NodeResponse,
  toResponse,
  writeLater,
} from '@trunkline/core/http'
import { type Context, type Env, Hono } from 'hono'
import { HonoRequest } from 'hono/request'
import { basePath } from 'hono/route'

const elsewhere = { path: 'is said where it is mounted: app.route(path, honoAdapter(…))' }

/** How @hono/node-server is told that a response has been, or will be, written past it. */
const alreadySent = 'x-hono-already-sent'

/**
 * Streams and the client script as a Hono app to mount. On @hono/node-server a stream is written straight to the socket, with the
 * headers that middleware set; elsewhere it is a streaming Response.
 *
 * @example
 * app.route('/realtime', honoAdapter(trunkline, { identify: (c: Context<AppEnv>) => c.get('user')?.id ?? null }))
 */
// oxlint-disable-next-line typescript/no-explicit-any -- as Hono's own default
export function honoAdapter<E extends Env = any, User = unknown>(
  trunkline: Connectable<User>,
  options: Omit<AdapterOptions<Context<E>, User>, 'path'>,
): Hono<E> {
  const answer = createHttp(trunkline, { clientScript, ...checkAdapterOptions('honoAdapter', trunkline, options, elsewhere) })
  const report = (error: unknown): void => trunkline.report?.(error, { stage: 'connection' })
  return new Hono<E>().all('*', async (c, next) => {
    const params = c.req.param() as Readonly<Record<string, string>>
    const answered = await answer({
      method: c.req.method,
      url: underMount(c),
      params,
      header: (name) => c.req.header(name) ?? null,
      address: addressOf(c),
      identify: () => options.identify(c),
      channels: channelsOf(options.channels, c, params),
      toRequest: () => c.req.raw,
    })
    if (answered === null) return next()
    const { headers, body } = answered
    keepHeaders(c, headers)
    const res = nodeResponseOf(c)
    if (res === null || body === null || typeof body === 'string') return toResponse(answered, c.req.raw.signal, report)
    headers.set(alreadySent, 'true')
    writeLater(body, res, () => takeHeaders(c), report)
    // Hono itself does this only where more than one handler matches; without it there would be no c.res to take headers from.
    c.res = new Response(null, { headers })
    // @hono/node-server (2.1.8) looks for the header only once the Response it made itself has been looked into.
    Reflect.get(c.res, 'body')
    return c.res
  })
}

/**
 * Sees to it that the answer has what middleware set before. Hono forgets what `c.header()` and `setCookie()` have set when a Response is
 * returned, unless `c.res` was looked at; then all of that wins, and what makes a stream a stream must not lose.
 */
function keepHeaders({ res }: Context, ours: Headers): void {
  const vary = [res.headers.get('vary'), ours.get('vary')].filter((value) => value !== null).join(', ')
  for (const name of ours.keys()) res.headers.delete(name)
  if (vary !== '') res.headers.set('vary', vary)
}

/** The headers as middleware has left them; null when it, or an error handler, has put another response in place of ours. */
function takeHeaders(c: Context): Headers | null {
  if (!c.res.headers.has(alreadySent)) return null
  const headers = new Headers(c.res.headers)
  headers.delete(alreadySent)
  return headers
}

function underMount(c: Context): string {
  const base = mountOf(c)
  const query = c.req.url.indexOf('?')
  return `${base === '/' ? c.req.path : c.req.path.slice(base.length)}${query === -1 ? '' : c.req.url.slice(query)}`
}

/** The path of the mount, as it was asked for. */
function mountOf(c: Context): string {
  // A context of another copy of Hono (npm link, two versions) hides its routes from hono/route, and tells them itself.
  const { req }: { readonly req: unknown } = c
  if (req instanceof HonoRequest) return basePath(c)
  const { matchedRoutes, routeIndex, path } = req as HonoRequest
  const pattern = matchedRoutes[routeIndex]?.basePath ?? '/'
  return pattern === '/' ? pattern : path.split('/').slice(0, pattern.split('/').length).join('/')
}

/** What @hono/node-server puts into the environment. */
function addressOf({ env }: Context): string | undefined {
  const incoming = (env as { readonly incoming?: Pick<NodeRequest, 'socket'> } | undefined)?.incoming
  return incoming?.socket === undefined ? undefined : nodeAddress(incoming)
}

/** What @hono/node-server puts into the environment. */
function nodeResponseOf({ env }: Context): NodeResponse | null {
  const outgoing = (env as { readonly outgoing?: Partial<NodeResponse> } | undefined)?.outgoing
  return typeof outgoing?.writeHead === 'function' ? (outgoing as NodeResponse) : null
}
