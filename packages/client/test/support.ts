import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'

import { createClient } from '../src/client.ts'
import { realSeams, type Seams } from '../src/seams.ts'
import type { Client, ClientOptions } from '../src/types.ts'

/** A cursor as the server writes them. */
export function cursor(position: number, epoch = 'e1'): string {
  return `${epoch}.${position.toString(36).padStart(13, '0')}.tag${position % 1_000}`
}

/** An event frame of the default dialect. */
export function event(at: string | null, type: string, detail: unknown = {}, channel = ''): string {
  const scope = channel === '' ? { scope: 'global' } : { scope: 'channel', channel }
  const data = JSON.stringify({ id: `id-${at ?? 'live'}`, type, detail, ...scope, createdAt: '2026-01-01T00:00:00.000Z' })
  return `${at === null ? '' : `id: ${at}\n`}data: ${data}\n\n`
}

/** A named frame of the default dialect. */
export function control(name: string, at: string | null, data: unknown = {}): string {
  return `event: ${name}\n${at === null ? '' : `id: ${at}\n`}data: ${JSON.stringify(data)}\n\n`
}

export const connected = (at: string | null, heartbeatMs = 15_000): string =>
  control('connected', at, { heartbeatMs, identity: 'i' })

/** A real server; `handle` is called with the number of the request. */
export async function serve(
  handle: (response: ServerResponse, request: IncomingMessage, attempt: number) => void,
): Promise<AsyncDisposable & { readonly url: string; readonly requests: readonly IncomingMessage[] }> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => handle(response, request, requests.push(request)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function stream(response: ServerResponse, text = ''): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  response.write(text)
  return response
}

/** A client that comes back without a pause, and listens to nothing but what the test says. */
export function quickClient(options: ClientOptions, seams: Partial<Seams> = {}): Client {
  return createClient(options, { ...realSeams, random: () => 0, ...seams })
}

/** Waits for a condition, not for time. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Never happened: ${condition.toString()}`)
    await setImmediate()
  }
}

/** Time that stands still until it is told to go on. */
export function createClock(): Pick<Seams, 'now' | 'after'> & { advance(ms: number): Promise<void> } {
  let time = 1_000_000
  const timers = new Set<{ readonly at: number; readonly task: () => void }>()
  return {
    now: () => time,
    after(ms, task) {
      const timer = { at: time + ms, task }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const end = time + ms
      await setImmediate()
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)
        if (next === undefined) break
        timers.delete(next)
        time = Math.max(time, next.at)
        next.task()
        // Whatever the timer set going comes to rest.
        await setImmediate()
      }
      time = end
    },
  }
}

/** A stream that the test writes. */
export interface TestStream {
  readonly response: Response
  write(chunk: string | Uint8Array): void
  end(): void
}

export function createStream(): TestStream {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) })
  return {
    response: new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
    write: (chunk) => controller?.enqueue(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : new Uint8Array(chunk)),
    end: () => controller?.close(),
  }
}

/** A fetch that gives the answers of a list, one after the other, and then never answers. Aborted bodies break as real ones do. */
export function answering(
  ...answers: readonly (Response | Error)[]
): Seams['fetch'] & { readonly inits: readonly RequestInit[] } {
  const inits: RequestInit[] = []
  const fetch = (_url: string, init: RequestInit): Promise<Response> => {
    const answer = answers[inits.push(init) - 1]
    if (answer instanceof Error) return Promise.reject(answer)
    return answer === undefined ? new Promise(() => {}) : Promise.resolve(answer)
  }
  return Object.assign(fetch, { inits })
}

export function sentHeader(init: RequestInit | undefined, name: string): string | null {
  return new Headers(init?.headers).get(name)
}
