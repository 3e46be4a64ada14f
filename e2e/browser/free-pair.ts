import { once } from 'node:events'
import { createServer } from 'node:net'

import { freePort } from '../../scripts/embedded-postgres/free-port.ts'

/** A port that is free now, and so is the next one. */
export async function freePair(): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (await isFree(port + 1)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port)
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
