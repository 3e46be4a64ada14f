import { createMount, type FetchHandler, underMount } from '@trunkline/core/http'
import { NodeRequest, sendNodeResponse } from 'srvx/node'

import { type NodeHandler, nodeHandler, type NodeIncoming } from './node-handler.ts'

/** What {@link toNodeHandler} takes. */
export interface NodeHandlerOptions {
  /** Where the handler is; it sees what is below. Left out where the framework takes the mount off itself, as Express does. */
  readonly path?: string
  /** Failures of the handler, where there is no `next` to give them to: the answer is 500. Defaults to console.error. */
  readonly onError?: (error: unknown) => void
}

/**
 * Mounts any web-standard handler on node:http, node:http2, Express, and Fastify's raw pair. What is not under `path` goes to `next`,
 * or is 404.
 *
 * @example
 * app.use('/admin', toNodeHandler(createAdmin(trunkline, { authorize })))
 */
export function toNodeHandler(
  handler: FetchHandler,
  { path, onError = console.error }: NodeHandlerOptions = {},
): NodeHandler<NodeIncoming> {
  const mount = path === undefined ? undefined : createMount(path)

  return nodeHandler(async (req, res) => {
    const mounted = mount?.(req.url ?? '/')
    if (mounted === null) return false
    const request = new NodeRequest({ req, res })
    await sendNodeResponse(res, await handler(mounted === undefined ? request : underMount(request, mounted)))
    return true
  }, onError)
}
