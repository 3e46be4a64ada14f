import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'

import { clientScript } from '@trunkline/client/script'
import type { Connectable } from '@trunkline/core'
import {
  type AdapterOptions,
  channelsOf,
  createHttp,
  createMount,
  type NodeResponse,
  readNodeRequest,
  writeAnswer,
} from '@trunkline/core/http'

/** A listener for `createServer`, and a middleware for Express and everything else that calls `(req, res, next)`. */
export type NodeHandler<Req> = (req: Req, res: ServerResponse | Http2ServerResponse, next?: (error?: unknown) => void) => void

interface ExpressRequest {
  readonly originalUrl?: string
  readonly params?: Readonly<Record<string, string>>
}

/**
 * Streams and the client script on node:http, node:http2 (its compatibility API), Express, and Fastify's raw pair.
 *
 * @example
 * http.createServer(nodeAdapter(trunkline, { path: '/realtime', identify: (req) => userOf(req) })).listen(3000)
 */
export function nodeAdapter<Req extends IncomingMessage | Http2ServerRequest = IncomingMessage, User = unknown>(
  trunkline: Connectable<User>,
  options: AdapterOptions<Req, User>,
): NodeHandler<Req> {
  const answer = createHttp(trunkline, { clientScript, ...options })
  const mount = createMount(options.path)

  async function handle(req: Req, res: ServerResponse | Http2ServerResponse): Promise<boolean> {
    const mounted = mount(req.url ?? '/')
    if (mounted === null) return false
    // Express keeps what it took off the path, and the parameters it found there.
    const { originalUrl, params } = req as ExpressRequest
    const answered = await answer({
      ...readNodeRequest(req, originalUrl),
      ...mounted,
      identify: () => options.identify(req),
      channels: channelsOf(options.channels, req, { ...params, ...mounted.params }),
    })
    // The two kinds of response differ in types of no interest here.
    if (answered !== null) await writeAnswer(answered, res as NodeResponse)
    return answered !== null
  }

  async function serve(req: Req, res: ServerResponse | Http2ServerResponse, next?: (error?: unknown) => void): Promise<void> {
    try {
      if (await handle(req, res)) return
    } catch (error) {
      if (next !== undefined && !res.headersSent) return next(error)
      trunkline.report?.(error, { stage: 'connection' })
      res.destroy()
      return
    }
    if (next !== undefined) next()
    else (res as ServerResponse).writeHead(404).end()
  }

  return (req, res, next) => void serve(req, res, next)
}
