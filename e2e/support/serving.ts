import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { nodeAdapter } from '@trunkline/adapter-node-http'
import type { AnyEvents, Connectable, Trunkline } from '@trunkline/core'
import type { AdapterOptions } from '@trunkline/core/http'

import type { Answer, Call } from './server-process.ts'

/**
 * What the server processes of these tests have in common: streams at /realtime for whom the header x-user names, and whatever of
 * trunkline the test calls. Says its port.
 */
export async function serve<Tx>(
  trunkline: Trunkline<AnyEvents, Tx>,
  options: Partial<AdapterOptions<IncomingMessage, unknown>> = {},
  streams: Connectable = trunkline,
): Promise<void> {
  process.on('message', (call: Call) => void answer(trunkline, call).then((message) => process.send?.(message)))
  await trunkline.start()
  const identify = (request: IncomingMessage): string | null => request.headers['x-user']?.toString() ?? null
  const server = createServer(nodeAdapter(streams, { path: '/realtime', identify, ...options }))
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 }, () => {
    const { port } = server.address() as AddressInfo // not a pipe
    process.send?.({ port })
  })
}

async function answer<Tx>(trunkline: Trunkline<AnyEvents, Tx>, { call, method, args }: Call): Promise<Answer> {
  try {
    const value = await (trunkline[method] as (...args: readonly unknown[]) => unknown).call(trunkline, ...args)
    return { call, value }
  } catch (error) {
    return { call, error: String(error) }
  }
}
