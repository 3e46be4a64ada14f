import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const choose = 'choose another port, as in: PORT=4000 npx -y pnpm@12 demo'

/** The two ports of the demo, from the first one as text. */
export function portsFrom(text = '3000'): readonly [number, number] {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_535) return [port, port + 1]
  throw new Error(`PORT must be a number from 1 to 65534 (the demo takes the next one too), got ${JSON.stringify(text)}.`)
}

/** Waits a little: after a demo that was killed, its server processes take a moment to notice. */
export async function untilFree(port: number, signal: AbortSignal): Promise<void> {
  for (let tries = 30; !(await isFree(port)); tries--) {
    if (tries === 0) throw new Error(`Port ${port} is in use. Stop the program that uses it, or ${choose}`)
    await sleep(100, undefined, { signal })
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    probe.listen(port)
    await once(probe, 'listening')
    return true
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException // what a server emits
    if (code === 'EADDRINUSE') return false
    throw new Error(`Port ${port} cannot be used (${message}). Please ${choose}`, { cause: error })
  } finally {
    probe.close()
  }
}
