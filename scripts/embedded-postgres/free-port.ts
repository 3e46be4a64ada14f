import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that systems give to outgoing connections and to port 0 (Linux from 32768 on), which come and go by the second. */
const first = 20_000
const count = 10_000

/** A port that is free now, on every address; whoever takes it has to cope with somebody having been faster. */
export async function freePort(): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = first + randomInt(count)
    const server = createServer().listen(port)
    try {
      await once(server, 'listening')
    } catch (error) {
      if (attempt === 100) throw error
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
}
