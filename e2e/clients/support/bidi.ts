import { once } from 'node:events'

import type { PageLike } from './pages.ts'

interface Reply {
  readonly id: number
  readonly type: 'success' | 'error'
  readonly message?: string
  readonly result: {
    readonly context: string
    readonly type: 'success' | 'exception'
    readonly result: { readonly value: string }
    readonly exceptionDetails: { readonly text: string }
  }
}

/** As much of WebDriver BiDi (https://w3c.github.io/webdriver-bidi) as it takes to open pages and to ask them. */
export async function openBidi(url: string): Promise<{ newPage(): Promise<PageLike> }> {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  const waiting = new Map<number, (reply: Reply) => void>()
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const reply = JSON.parse(data) as Reply
    waiting.get(reply.id)?.(reply)
    waiting.delete(reply.id)
  })
  let calls = 0

  async function call(method: string, params: object): Promise<Reply['result']> {
    const id = ++calls
    const { promise, resolve } = Promise.withResolvers<Reply>()
    waiting.set(id, resolve)
    socket.send(JSON.stringify({ id, method, params }))
    const { type, message, result } = await promise
    if (type === 'error') throw new Error(`${method}: ${message}`)
    return result
  }

  await call('session.new', { capabilities: {} })
  return {
    async newPage() {
      const { context } = await call('browsingContext.create', { type: 'tab' })
      return {
        goto: async (address) => void (await call('browsingContext.navigate', { context, url: address, wait: 'complete' })),
        reload: async () => void (await call('browsingContext.reload', { context, wait: 'complete' })),
        back: async () => void (await call('browsingContext.traverseHistory', { context, delta: -1 })),
        async evaluate(expression) {
          const evaluated = await call('script.evaluate', { expression, target: { context }, awaitPromise: true })
          if (evaluated.type === 'exception') throw new Error(evaluated.exceptionDetails.text)
          return evaluated.result.value
        },
        [Symbol.asyncDispose]: async () => void (await call('browsingContext.close', { context })),
      }
    },
  }
}
