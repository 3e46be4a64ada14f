import type { IncomingMessage, ServerResponse } from 'node:http'

import { clientScript } from '@trunkline/client/script'
import type { Connectable } from '@trunkline/core'
import {
  type AdapterOptions,
  channelsOf,
  checkAdapterOptions,
  createHttp,
  createMount,
  readNodeRequest,
  writeLater,
} from '@trunkline/core/http'

/** Koa's context by shape, so that `@types/koa` is nobody's dependency. */
export interface KoaContextLike {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly originalUrl?: string
  // oxlint-disable-next-line typescript/no-explicit-any -- Koa's own word for state
  state: any
  respond?: boolean | undefined
  status: number
  body: unknown
  set(field: string, value: string): void
  vary(field: string): void
}

/** A middleware for `app.use`. */
export type KoaMiddleware<C extends KoaContextLike> = (ctx: C, next: () => Promise<unknown>) => Promise<void>

/**
 * Streams and the client script as Koa middleware. What is not ours goes to `next`. A stream is written past `ctx.body`, with the
 * headers that other middleware sets before it and on the way back.
 *
 * @example
 * app.use(koaAdapter(trunkline, { path: '/realtime', identify: (ctx) => ctx.state.user?.id ?? null }))
 */
export function koaAdapter<C extends KoaContextLike = KoaContextLike, User = unknown>(
  trunkline: Connectable<User>,
  options: AdapterOptions<C, User>,
): KoaMiddleware<C> {
  const answer = createHttp(trunkline, { clientScript, ...checkAdapterOptions('koaAdapter', trunkline, options) })
  const mount = createMount(options.path)
  return async (ctx, next) => {
    // Where somebody already answers past Koa there is nothing left to answer.
    const mounted = ctx.respond === false ? null : mount(ctx.req.url ?? '/')
    if (mounted === null) {
      await next()
      return
    }
    const answered = await answer({
      ...readNodeRequest(ctx.req, ctx.originalUrl),
      ...mounted,
      identify: () => options.identify(ctx),
      channels: channelsOf(options.channels, ctx, mounted.params),
    })
    if (answered === null) {
      await next()
      return
    }
    const { status, headers, body } = answered
    if (body !== null && typeof body !== 'string') {
      ctx.respond = false
      writeLater(
        body,
        ctx.res,
        () => headers,
        (error) => trunkline.report?.(error, { stage: 'connection' }),
      )
      return
    }
    // The body first: Koa takes a null body for a 204 and drops the headers that say what it would have been.
    ctx.body = body
    ctx.status = status
    for (const [name, value] of headers) {
      if (name === 'vary') ctx.vary(value)
      else ctx.set(name, value)
    }
  }
}
