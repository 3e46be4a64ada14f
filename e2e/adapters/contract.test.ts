import { adapterContract } from '@trunkline/testing'
import { describe, test } from 'vitest'

import { nodeHttp, nodeHttp2, onExpress, onFastify, onFastifyHook, onFetch, onHonoFetch, onHonoNode, onKoa } from './hosts.ts'
import { behindProxy } from './proxy.ts'

describe.each([
  ['node:http', nodeHttp],
  ['node:http2', nodeHttp2],
  ['Express', onExpress],
  ['Fastify by a route', onFastify],
  ['Fastify by a hook', onFastifyHook],
  ['Koa', onKoa],
  ['Hono on Node.js', onHonoNode],
  ['Hono with plain fetch', onHonoFetch],
  ['a fetch handler', onFetch],
  ['node:http behind a reverse proxy', behindProxy(nodeHttp)],
])('%s', (_, create) => {
  for (const c of adapterContract(create)) test(c.name, c.run)
})
