import type { IncomingMessage } from 'node:http'

import { clientScript } from '@trunkline/client/script'
import type { Connectable } from '@trunkline/core'
import {
  type AdapterOptions,
  channelsOf,
  checkAdapterOptions,
  createHttp,
  createMount,
  type NodeResponse,
  readNodeRequest,
  writeAnswer,
} from '@trunkline/core/http'

import { type NodeHandler, nodeHandler, type NodeIncoming } from './node-handler.ts'

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
export function nodeAdapter<Req extends NodeIncoming = IncomingMessage, User = unknown>(
  trunkline: Connectable<User>,
  options: AdapterOptions<Req, User>,
): NodeHandler<Req> {
  const answer = createHttp(trunkline, { clientScript, ...checkAdapterOptions('nodeAdapter', trunkline, options) })
  const mount = createMount(options.path)

  return nodeHandler(
    async (req: Req, res) => {
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
      if (answered === null) return false
      // Not awaited, so that nothing of this call is kept while the stream goes on. The two kinds of response differ in types of no interest here.
      return writeAnswer(answered, res as NodeResponse).then(() => true)
    },
    (error) => trunkline.report?.(error, { stage: 'connection' }),
  )
}
