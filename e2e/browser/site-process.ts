// A server process of the browser tests: files as the test writes them, streams, and whatever of trunkline the test calls.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { nodeAdapter } from '@trunkline/adapter-node-http'
import { createTrunkline } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'

import type { Answer, Call } from './site.ts'

const { DATABASE_URL: url, SCHEMA: schema = '', PORT: port = '0', HEARTBEAT_MS: heartbeatMs = '15000' } = process.env

const trunkline = createTrunkline({
  ...postgres({ url, schema, migrate: true }),
  canRead: ({ channel }) => channel !== 'closed',
  heartbeatMs: Number(heartbeatMs),
  // Reaches the test's own output when it fails.
  onError: (error, { stage }) => console.error(stage, error),
})

/** By a cookie, or by a token that says when it expires. */
function identify({ headers }: IncomingMessage): string | null | false | { readonly userId: string; readonly expiresAt: Date } {
  const [, userId, expiresAt] = /^Bearer (\w+) (\d+)$/.exec(headers.authorization ?? '') ?? []
  if (userId === undefined) return /(?:^|; )user=([^;]+)/.exec(headers.cookie ?? '')?.[1] ?? null
  return Number(expiresAt) > Date.now() && { userId, expiresAt: new Date(Number(expiresAt)) }
}
const realtime = nodeAdapter(trunkline, { path: '/realtime', identify })
// The same streams under as many addresses as a test needs, to tell its clients apart.
const numbered = nodeAdapter(trunkline, { path: '/numbered/:number', identify })

const server = createServer((request, response) => {
  // Each stream gets a connection of its own, that no other request has used.
  if (!request.url?.includes('/sse')) response.setHeader('connection', 'close')
  realtime(request, response, () =>
    numbered(request, response, () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
      response.statusCode = pathname === '/file' ? 200 : 404
      response.setHeader('content-type', `${searchParams.get('type') ?? 'text/html'}; charset=utf-8`)
      const policy = searchParams.get('policy')
      if (policy !== null) response.setHeader('content-security-policy', policy)
      response.end(searchParams.get('text'))
    }),
  )
})

async function answer({ call, method, args }: Call): Promise<Answer> {
  try {
    const value = await (trunkline[method] as (...args: readonly unknown[]) => unknown).call(trunkline, ...args)
    return { call, value }
  } catch (error) {
    return { call, error: String(error) }
  }
}

process.on('message', (call: Call) => void answer(call).then((message) => process.send?.(message)))
await trunkline.start()
server.listen(Number(port), '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port })) // not a pipe
