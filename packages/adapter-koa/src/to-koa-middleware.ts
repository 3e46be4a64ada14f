import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'

import { createMount, type FetchHandler, underMount } from '@trunkline/core/http'
import { NodeRequest } from 'srvx/node'

import type { KoaContextLike, KoaMiddleware } from './koa-adapter.ts'

/** What {@link toKoaMiddleware} takes. */
export interface KoaMiddlewareOptions {
  /** Where the handler is; it sees what is below. Left out under koa-mount, which takes the mount off itself. */
  readonly path?: string
}

/**
 * Mounts any web-standard handler in Koa. What is not under `path` goes to `next`; what the handler throws goes to Koa.
 *
 * @example
 * app.use(toKoaMiddleware(createAdmin(trunkline, { authorize }), { path: '/admin' }))
 */
export function toKoaMiddleware(handler: FetchHandler, { path }: KoaMiddlewareOptions = {}): KoaMiddleware<KoaContextLike> {
  const mount = path === undefined ? undefined : createMount(path)
  return async (ctx, next) => {
    // Where somebody already answers past Koa there is nothing left to answer.
    const mounted = ctx.respond === false ? null : mount?.(ctx.req.url ?? '/')
    if (mounted === null) {
      await next()
      return
    }
    const request = new NodeRequest({ req: ctx.req, res: ctx.res })
    const { status, headers, body } = await handler(mounted === undefined ? request : underMount(request, mounted))
    // The body first: Koa takes a null body for a 204.
    ctx.body = body === null ? null : Readable.fromWeb(body as ReadableStream)
    ctx.status = status
    for (const [name, value] of headers) {
      if (name === 'vary') ctx.vary(value)
      // Beside those that other middleware has set.
      else if (name === 'set-cookie') ctx.res.appendHeader(name, value)
      else ctx.set(name, value)
    }
  }
}
