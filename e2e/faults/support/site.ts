import { nodeAdapter } from '@trunkline/adapter-node-http'
import type { Connectable } from '@trunkline/core'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A web server with streams. */
export interface Site extends AsyncDisposable {
  readonly port: number
  readonly origin: string
  /** Its side of each stream so far. */
  readonly responses: readonly ServerResponse[]
  /** Breaks all connections. */
  cutAll(): void
}

/** Serves a trunkline's streams on a free port. Who asks is believed. */
export async function startSite(trunkline: Connectable): Promise<Site> {
  const handler = nodeAdapter(trunkline, { path: '/realtime', identify: (req) => req.headers['x-user']?.toString() ?? null })
  const responses: ServerResponse[] = []
  const server = createServer((req, res) => {
    responses.push(res)
    handler(req, res)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // not a pipe
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    responses,
    cutAll: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
