import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { type ClientHttp2Session, constants } from 'node:http2'
import type { Readable } from 'node:stream'

import type { AdapterHost, AskOptions } from '@trunkline/testing'

type Ask = AdapterHost['ask']

/** Asks a server over HTTP/1.1: a socket for each request, no bytes read ahead, and paths as they are. */
export function askHttp(port: number): Ask {
  return async (path, { method = 'GET', headers = {}, signal }) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }).end()
    // A case that ends with its stream open cuts it off.
    asked.on('error', () => {})
    const leave = (): void => void asked.destroy()
    signal?.addEventListener('abort', leave)
    asked.once('close', () => signal?.removeEventListener('abort', leave))
    const [incoming] = (await once(asked, 'response')) as [IncomingMessage]
    return responseOf(incoming, incoming.statusCode ?? 0, incoming.headers, leave)
  }
}

/** Asks over one connection of HTTP/2. */
export function askHttp2(
  session: ClientHttp2Session,
): (path: string, options: AskOptions & { readonly body?: string }) => Promise<Response> {
  return async (path, { method = 'GET', headers = {}, signal, body }) => {
    const stream = session.request({ ':path': path, ':method': method, ...headers }, { endStream: body === undefined })
    if (body !== undefined) stream.end(body)
    // As browsers do it.
    const leave = (): void => stream.close(constants.NGHTTP2_CANCEL)
    signal?.addEventListener('abort', leave)
    stream.once('close', () => signal?.removeEventListener('abort', leave))
    const answered = once(stream, 'response')
    const closed = once(stream, 'close').then(() => Promise.reject(new Error('gone')))
    const [received] = (await Promise.race([answered, closed])) as [IncomingHttpHeaders & { readonly ':status': number }]
    closed.catch(() => {})
    return responseOf(stream, received[':status'], received, leave)
  }
}

/** Asks a web-standard handler as a server does: who goes away before there is an answer gets none. */
export function askHandler(handler: (request: Request) => Response | Promise<Response>): Ask {
  return async (path, { signal, ...init }) => {
    const gone = Promise.withResolvers<never>()
    const leave = (): void => gone.reject(new Error('gone'))
    const own = new AbortController()
    const abort = (): void => own.abort()
    signal?.addEventListener('abort', leave)
    signal?.addEventListener('abort', abort)
    try {
      const asked = new Request(`http://localhost${path}`, { ...init, signal: own.signal })
      return await Promise.race([handler(asked), gone.promise])
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }
}

/** What came, as a Response whose body is read from the socket only when somebody reads it. */
function responseOf(readable: Readable, status: number, received: IncomingHttpHeaders, leave: () => void): Response {
  const headers = new Headers()
  for (const [name, value] of Object.entries(received)) {
    if (!name.startsWith(':') && value !== undefined) for (const one of [value].flat()) headers.append(name, one)
  }
  readable.on('error', () => {})
  if ([204, 304].includes(status)) {
    readable.resume()
    return new Response(null, { status, headers })
  }
  const chunks = readable[Symbol.asyncIterator]() as AsyncIterator<Uint8Array> // no encoding was set
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { value, done } = await chunks.next()
        if (done === true) controller.close()
        else controller.enqueue(new Uint8Array(value))
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { status, headers })
}
