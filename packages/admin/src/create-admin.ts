import { type Trunkline, TrunklineError } from '@trunkline/core'
import { adminDoor } from '@trunkline/core/admin'
import type { FetchHandler } from '@trunkline/core/http'

import { type AdminOptions, type Viewer, viewerOf } from './authorize.ts'
import { fileNamed } from './files.ts'
import { readForm } from './form.ts'
import { checkForgery, formKeyOf, formToken } from './forgery.ts'
import type { Page, View, Visit } from './page.ts'
import { pages } from './pages/index.ts'
import { Refusal, refusalOf } from './refusal.ts'
import { noEntry, refused, render } from './render.ts'

// Types of events and of transactions make no difference to the pages.
// oxlint-disable-next-line typescript/no-explicit-any -- any trunkline
type AnyTrunkline = Trunkline<any, any, any>

/**
 * Makes the admin pages: a handler that takes a Request and gives a Response. Mount it anywhere; its links are relative.
 *
 * @example
 * const admin = createAdmin(trunkline, { authorize: async (request) => {
 *   const user = await userOf(request)
 *   return user?.isAdmin === true && { actor: user.email, privateData: true }
 * } })
 * app.mount('/admin', admin) // Hono; toNodeHandler and toKoaMiddleware elsewhere
 * @throws {TrunklineError} `invalid_options` without `authorize`: there is no way to open the pages to everybody by leaving it out
 */
export function createAdmin(trunkline: AnyTrunkline, options: AdminOptions): FetchHandler {
  if (typeof options?.authorize !== 'function') {
    throw new TrunklineError(
      'invalid_options',
      `createAdmin needs authorize, got ${typeof options?.authorize}: the pages show every event. Pass (request) => isAdmin(request) && { actor: 'name' }.`,
    )
  }
  const door = adminDoor(trunkline)
  const report = (error: unknown): void => trunkline.report?.(error, { stage: 'admin' })

  async function answer(request: Request, viewer: Viewer): Promise<Response> {
    const url = new URL(request.url)
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const file = url.searchParams.get('file')
    if (file !== null) return fileNamed(file)
    const key = formKeyOf(request)
    const visit: Visit = {
      trunkline,
      door,
      viewer,
      request,
      query: url.searchParams,
      token: await formToken(key, viewer.actor),
      isAuthorized: async () => (await viewerOf(request, options, report))?.actor === viewer.actor,
    }
    const page = pageNamed(url.searchParams.get('page'))
    const view = await (method === 'POST' ? post(page, visit) : method === 'GET' ? get(page, visit) : notAllowed(page, method))
    const response = view instanceof Response ? view : render(page, view, viewer)
    if (key.setCookie !== null) response.headers.append('set-cookie', key.setCookie)
    return request.method === 'HEAD' ? withoutBody(response) : response
  }

  return async (request) => {
    const viewer = await viewerOf(request, options, report)
    if (viewer === null) return noEntry()
    try {
      return await answer(request, viewer)
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal === null || refusal.status >= 500) report(error)
      return refused(refusal ?? new Refusal(500, 'Something went wrong on the server. Its log says what.'), viewer)
    }
  }
}

function withoutBody({ status, headers, body }: Response): Response {
  // Or a stream would go on with nobody there.
  void body?.cancel()
  return new Response(null, { status, headers })
}

function pageNamed(name: string | null): Page {
  const page = name === null || name === '' ? pages[0] : pages.find((one) => one.name === name)
  if (page === undefined) throw new Refusal(404, 'There is no such page.')
  return page
}

async function get(page: Page, visit: Visit): Promise<View | Response> {
  if (page.changes === true) mayChange(visit)
  return page.get(visit)
}

async function post(page: Page, visit: Visit): Promise<View | Response> {
  if (page.post === undefined) notAllowed(page, 'POST')
  mayChange(visit)
  const form = await readForm(visit.request)
  await checkForgery(visit.request, form.get('token'), visit.viewer.actor)
  return page.post(visit, form)
}

function mayChange({ viewer }: Visit): void {
  if (viewer.readOnly) throw new Refusal(403, 'You may look at everything here, and change nothing.')
}

function notAllowed({ post: hasPost }: Page, method: string): never {
  throw new Refusal(405, `This page takes GET${hasPost === undefined ? '' : ' and POST'}, not ${method}.`)
}
