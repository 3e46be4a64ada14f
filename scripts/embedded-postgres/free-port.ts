import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** A port that is free now; whoever takes it has to cope with somebody having been faster. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // not a pipe
  server.close()
  await once(server, 'close')
  return port
}
