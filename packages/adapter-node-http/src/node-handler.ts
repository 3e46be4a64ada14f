import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'

/** A request of either kind. */
export type NodeIncoming = IncomingMessage | Http2ServerRequest

/** A response of either kind. */
export type NodeOutgoing = ServerResponse | Http2ServerResponse

/** A listener for `createServer`, and a middleware for Express and everything else that calls `(req, res, next)`. */
export type NodeHandler<Req> = (req: Req, res: NodeOutgoing, next?: (error?: unknown) => void) => void

/**
 * Makes a handler out of a function that says whether a request was its own. What is not goes to `next`, and so does a failure before
 * the headers are out. Without a `next` they are 404 and 500, and the failure goes to `onError`.
 */
export function nodeHandler<Req>(
  handle: (req: Req, res: NodeOutgoing) => Promise<boolean>,
  onError: (error: unknown) => void,
): NodeHandler<Req> {
  async function serve(req: Req, res: NodeOutgoing, next?: (error?: unknown) => void): Promise<void> {
    try {
      if (await handle(req, res)) return
    } catch (error) {
      if (next !== undefined && !res.headersSent) return next(error)
      onError(error)
      if (res.headersSent) res.destroy()
      else end(res, 500)
      return
    }
    if (next !== undefined) next()
    else end(res, 404)
  }
  return (req, res, next) => void serve(req, res, next)
}

function end(res: NodeOutgoing, status: number): void {
  // The two kinds of response differ in types of no interest here.
  ;(res as ServerResponse).writeHead(status).end()
}
