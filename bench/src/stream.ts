import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'

/** One stream, read in this process: tells of each event by its number. */
export async function followStream(port: number, onEvent: (n: number) => void, user = 'user-0'): Promise<AsyncDisposable> {
  const asked = get({ port, host: '127.0.0.1', path: `/sse?user=${user}`, agent: false })
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let rest = ''
  response.setEncoding('utf8').on('data', (text: string) => {
    const frames = (rest + text).split('\n\n')
    rest = frames.pop() ?? ''
    for (const frame of frames) {
      const n = /"n":(\d+)/.exec(frame)
      if (n !== null) onEvent(Number(n[1]))
    }
  })
  await once(response, 'data')
  return {
    [Symbol.asyncDispose]: async () => {
      response.on('error', () => {})
      asked.destroy()
    },
  }
}

/** Who waits for which number. */
export class Arrivals {
  readonly #waiting = new Map<number, () => void>()

  /** Resolves when this event has come. */
  of(n: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(n, resolve))
  }

  readonly came = (n: number): void => {
    this.#waiting.get(n)?.()
    this.#waiting.delete(n)
  }

  /** How many have not come. */
  get missing(): number {
    return this.#waiting.size
  }
}
