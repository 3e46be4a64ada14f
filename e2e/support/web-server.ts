import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of node:http in this process. */
export interface WebServer extends AsyncDisposable {
  readonly origin: string
  readonly port: number
}

/** Serves on a free port until disposed of, which cuts whoever is connected. */
export async function startWebServer(listener: RequestListener): Promise<WebServer> {
  const server = createServer(listener).listen({ port: 0, host: '127.0.0.1', backlog: 1_024 })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // not a pipe
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
