import type { Connectable, Connection, ConnectOptions } from '../connection/connect.ts'
import { hasCode, TrunklineError } from '../errors.ts'
import { checkUserId } from '../event/names.ts'
import { identityOf } from '../identity.ts'
import type { Dialect, DialectName } from '../wire/dialect.ts'
import { resolveDialect } from '../wire/dialects.ts'
import { type Report, seldom } from '../report.ts'
import { acknowledge } from './acknowledge.ts'
import { allowOrigin, allowPreflight, checkCors } from './cors.ts'
import { inTime } from './in-time.ts'
import { padded } from './padding.ts'
import { isClients, refusalOf, refuse } from './refusal.ts'
import type { HttpAnswer, HttpOptions, HttpRequest, Identified } from './types.ts'

type Route = 'stream' | 'script' | 'acknowledge'

/** Identify's answer, spelled out. */
interface Visitor<User> {
  readonly userId: string | null
  readonly user?: User | undefined
  readonly expiresAt?: Date | undefined
  readonly address?: string | undefined
}

/**
 * Everything an adapter decides nothing about: routes, methods, CORS, who it is, which channels, from where on. The function it makes
 * answers a request, or says null: not one of ours, hand it on.
 *
 * @throws {TrunklineError} `invalid_options`
 */
export function createHttp<User>(
  trunkline: Connectable<User>,
  options: HttpOptions,
): (request: HttpRequest<User>) => Promise<HttpAnswer | null> {
  const { routes = {}, cors, maxChannels = 10, clientScript } = options
  const paths: Readonly<Record<Route, string | false>> = {
    stream: routes.stream ?? '/sse',
    script: clientScript === undefined ? false : (routes.script ?? '/client.js'),
    acknowledge: trunkline.tracking === true ? '/acknowledge' : false,
  }
  const dialects = dialectsOf(options)
  checkCors(cors)
  const { hookTimeoutMs = 5_000 } = trunkline
  const report: Report = (error, context) => trunkline.report?.(error, context)
  // Every client that is refused comes back, and all of them for the same reason.
  const reportSeldom = seldom(report)

  async function stream(
    request: HttpRequest<User>,
    visitor: Visitor<User>,
    query: URLSearchParams,
    headers: Headers,
  ): Promise<HttpAnswer> {
    const asked = query.get('dialect')
    const dialect = asked === null ? dialects[0] : dialects.find(({ name }) => name === asked)
    if (dialect === undefined) return refuse(400, 'unknown_dialect', 'This dialect is not spoken here.', headers)
    const cursor = cursorOf(request, query)
    // What the last frame of a stream that may not be resumed says instead of a place.
    if (cursor === 'error') return refuse(400, 'invalid_cursor', "Can't resume a session after stream-error.", headers)
    const chosen = await inTime('channels', hookTimeoutMs, request.channels?.())
    if (chosen === undefined && query.has('channels'))
      return refuse(400, 'unknown_parameter', 'Say ?channel=a&channel=b: one channel each, not channels.', headers)
    const channels = chosen ?? query.getAll('channel')
    if (channels.length > maxChannels)
      return refuse(400, 'too_many_channels', `A stream may have ${maxChannels} channels.`, headers)
    headers.set('content-type', 'text/event-stream; charset=utf-8')
    // no-transform: a proxy or middleware that compresses holds events back until its buffer is full.
    headers.set('cache-control', 'no-cache, no-transform')
    headers.set('x-accel-buffering', 'no')
    const client: ConnectOptions<User> = {
      ...visitor,
      address: visitor.address ?? request.address,
      channels,
      cursor,
      dialect,
      get request() {
        return request.toRequest()
      },
    }
    if (request.method === 'HEAD') {
      await trunkline.authorize?.(client)
      headers.set('trunkline-identity', await identityOf(visitor.userId))
      return { status: 200, headers, body: null }
    }
    const body: Connection = await trunkline.connect(client)
    return { status: 200, headers, body }
  }

  function script(request: HttpRequest<User>, headers: Headers): HttpAnswer {
    headers.set('content-type', 'text/javascript; charset=utf-8')
    headers.set('cache-control', 'no-cache')
    headers.set('x-content-type-options', 'nosniff')
    headers.set('etag', clientScript?.etag ?? '')
    if (isFresh(request.header('if-none-match'), clientScript?.etag)) return { status: 304, headers, body: null }
    return { status: 200, headers, body: clientScript?.source ?? '' }
  }

  async function answer(request: HttpRequest<User>, route: Route, query: URLSearchParams): Promise<HttpAnswer> {
    const headers = new Headers()
    const methods = route === 'acknowledge' ? ['POST'] : ['GET', 'HEAD']
    const isAllowed = await allowOrigin(cors, request.header('origin'), headers)
    if (request.method === 'OPTIONS' || !methods.includes(request.method)) {
      headers.set('allow', [...methods, 'OPTIONS'].join(', '))
      if (request.method !== 'OPTIONS') return refuse(405, 'method_not_allowed', `Use ${methods[0]}.`, headers)
      if (isAllowed && cors) allowPreflight(cors, methods.join(', '), headers)
      return { status: 204, headers, body: null }
    }
    if (route === 'script') return script(request, headers)
    if (route === 'stream' && !acceptsStream(request.header('accept')))
      return refuse(406, 'not_acceptable', 'This is a text/event-stream.', headers)
    // Anyone's page can post with the cookies of who visits it.
    if (route === 'acknowledge' && !isAllowed && request.header('sec-fetch-site') === 'cross-site')
      return refuse(403, 'forbidden', 'Not from another site.', headers)
    let visitor: Visitor<User> | false
    try {
      visitor = visitorOf(await inTime('identify', hookTimeoutMs, request.identify()))
    } catch (error) {
      // '' and NaN come here too: a broken identity is never an anonymous one.
      report(error, { stage: 'identify' })
      if (hasCode(error, 'hook_failed'))
        return refuse(503, 'hook_failed', 'The server did not find out who you are in time.', headers)
      return refuse(500, 'internal', 'The server could not tell who you are.', headers)
    }
    if (visitor === false) return refuse(401, 'unauthorized', 'Sign in first.', headers)
    if (route === 'acknowledge') return acknowledge(trunkline, request, visitor, query, headers)
    const known = new Headers(headers)
    try {
      return await stream(request, visitor, query, headers)
    } catch (error) {
      if (!isClients(error)) (error instanceof TrunklineError ? reportSeldom : report)(error, { stage: 'connection' })
      return refusalOf(error, known) ?? refuse(500, 'internal', 'The server could not open the stream.', known)
    }
  }

  return async (request) => {
    const [path = '', query = ''] = request.url.split(/\?(.*)/s)
    const route = (Object.keys(paths) as Route[]).find((name) => isAt(path, paths[name]))
    if (route === undefined) return null
    const answered = await answer(request, route, new URLSearchParams(query))
    return request.method === 'HEAD' && typeof answered.body === 'string' ? { ...answered, body: null } : answered
  }
}

function dialectsOf({ dialect, padding = false }: HttpOptions): readonly Dialect[] {
  const named = Array.isArray(dialect)
    ? (dialect as readonly (DialectName | Dialect)[])
    : [dialect as DialectName | Dialect | undefined]
  const resolved = named.map(resolveDialect)
  return padding ? resolved.map(padded) : resolved
}

function visitorOf<User>(identified: Identified<User>): Visitor<User> | false {
  if (identified === false) return false
  if (identified === null || identified === undefined) return { userId: null }
  if (typeof identified !== 'object') return { userId: checkUserId(identified) }
  return { ...identified, userId: identified.userId === null ? null : checkUserId(identified.userId) }
}

/** The header wins: a browser's own retry keeps the query it began with, and sends a newer header. */
function cursorOf(request: HttpRequest, query: URLSearchParams): string | undefined {
  const asked = query.getAll('lastEventId').findLast((cursor) => cursor !== '')
  return request.header('last-event-id') || asked || query.get('since') || undefined
}

function acceptsStream(accept: string | null): boolean {
  return accept === null || accept === '' || /text\/event-stream|text\/\*|\*\/\*/i.test(accept)
}

function isFresh(ifNoneMatch: string | null, etag: string | undefined): boolean {
  if (ifNoneMatch === null || etag === undefined) return false
  // RFC 9110, 13.1.2: compared weakly, because a proxy that compresses weakens it.
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}

function isAt(pathname: string, path: string | false): boolean {
  return path !== false && (pathname === path || pathname === `${path}/` || (path === '/' && pathname === ''))
}
