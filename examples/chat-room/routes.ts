import type { IncomingMessage, ServerResponse } from 'node:http'
import { nodeAdapter } from '@trunkline/adapter-node-http'

import { createChatAdmin } from './admin.ts'
import { isAsset, sendAsset } from './assets.ts'
import { lobby } from './events.ts'
import { readHistory, sendMessage } from './messages.ts'
import type { NameProblem } from './forms.ts'
import { renderPage, renderProblem } from './page.ts'
import { cookieFor, createPerson, forgetCookie, type Person, personOf } from './person.ts'
import { Refusal, refusalOf } from './refusal.ts'
import { readForm } from './request.ts'
import type { Tasks } from './tasks.ts'
import type { ChatTrunkline } from './trunkline.ts'

export interface RoutesOptions {
  readonly trunkline: ChatTrunkline
  readonly tasks: Tasks
  /** Which process this is. */
  readonly port: number
  readonly onError: (error: unknown) => void
}

type Route = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** All that the server answers. */
export function createRoutes({ trunkline, tasks, port, onError }: RoutesOptions) {
  const realtime = nodeAdapter(trunkline, {
    path: '/realtime',
    channels: [lobby],
    // Who has no name may read along.
    identify: (request: IncomingMessage) => personOf(request)?.id ?? null,
  })

  const admin = createChatAdmin(trunkline, onError)

  async function page(response: ServerResponse, person: Person | null, problem?: NameProblem): Promise<void> {
    // Before the history: what is written between the two is in both, and the page shows it once. The other way round it would be in neither.
    const cursor = await trunkline.cursor()
    const history = await readHistory(trunkline)
    sendHtml(response, problem === undefined ? 200 : 400, renderPage({ port, person, cursor, history, problem }))
  }

  const routes: Readonly<Record<string, Route>> = {
    'GET /': (request, response) => page(response, personOf(request)),

    async 'POST /name'(request, response) {
      const name = (await readForm(request)).get('name')
      try {
        redirectHome(response, cookieFor(createPerson(name)))
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        await page(response, null, { message: error.message, name: name ?? '' })
      }
    },

    async 'POST /leave'(request, response) {
      await readForm(request)
      redirectHome(response, forgetCookie)
    },

    async 'GET /messages'(_request, response, { searchParams }) {
      sendJson(response, 200, await readHistory(trunkline, searchParams.get('before')))
    },

    async 'POST /messages'(request, response) {
      const form = await readForm(request)
      const text = form.get('text') ?? ''
      sendJson(response, 201, await sendMessage(trunkline, { from: signedIn(request), text, port, key: form.get('key') }))
    },

    async 'POST /tasks'(request, response) {
      await readForm(request)
      sendJson(response, 202, { id: tasks.start(signedIn(request).id) })
    },
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('content-security-policy', contentSecurityPolicy)
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('referrer-policy', 'same-origin')
    try {
      const url = URL.parse(request.url ?? '/', 'http://localhost')
      if (url === null) throw notFound()
      await routeFor(request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET'), url.pathname)(request, response, url)
    } catch (error) {
      const refusal = refusalOf(error) ?? new Refusal(500, 'internal', 'Something went wrong on the server.')
      if (refusal.status >= 500) onError(error)
      if (response.headersSent) response.destroy()
      else sendRefusal(request, response, refusal)
    }
  }

  function routeFor(method: string, pathname: string): Route {
    if (method === 'GET' && isAsset(pathname)) return sendAsset
    const route = routes[`${method} ${pathname}`]
    if (route !== undefined) return route
    const isKnown = isAsset(pathname) || Object.keys(routes).some((name) => name.endsWith(` ${pathname}`))
    throw isKnown ? new Refusal(405, 'method_not_allowed', `This does not take ${method}.`) : notFound()
  }

  return (request: IncomingMessage, response: ServerResponse): void =>
    realtime(request, response, () => admin(request, response, () => void answer(request, response)))
}

function signedIn(request: IncomingMessage): Person {
  const person = personOf(request)
  if (person === null) throw new Refusal(401, 'no_name', 'Pick a name first: reload the page.')
  return person
}

function notFound(): Refusal {
  return new Refusal(404, 'not_found', 'There is no such page.')
}

function redirectHome(response: ServerResponse, setCookie: string): void {
  response.writeHead(303, { location: '/', 'set-cookie': setCookie }).end()
}

function sendRefusal({ headers }: IncomingMessage, response: ServerResponse, { status, code, message }: Refusal): void {
  // The rest of a body that is too large is not worth waiting for.
  if (status === 413) response.setHeader('connection', 'close')
  if (headers.accept?.includes('text/html') !== true) sendJson(response, status, { error: code, message })
  else sendHtml(response, status, renderProblem(message))
}

function sendHtml(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(page)
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}
