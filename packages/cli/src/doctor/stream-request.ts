import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { connect as connectHttp2, constants } from 'node:http2'
import { request as requestHttps } from 'node:https'
import { connect as connectTcp, isIP } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'

/** The head of an answer, and its body as it comes. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly version: 'HTTP/1.1' | 'HTTP/2'
  readonly body: Readable
}

/** What is asked. */
export interface Request {
  readonly url: URL
  readonly method: 'GET' | 'HEAD'
  readonly headers: Readonly<Record<string, string>>
  /** Ends the request, at any time. */
  readonly signal: AbortSignal
}

/** Asks as a browser would: HTTP/2 where it is offered over TLS, HTTP/1.1 otherwise. On a connection of its own. */
export async function ask(request: Request): Promise<Answer> {
  const socket = await open(request)
  request.signal.addEventListener('abort', () => socket.destroy(), { once: true })
  socket.on('error', () => {})
  return 'alpnProtocol' in socket && (socket as TLSSocket).alpnProtocol === 'h2'
    ? askHttp2(request, socket)
    : askHttp1(request, socket)
}

async function open({ url, signal }: Request): Promise<Duplex> {
  signal.throwIfAborted()
  const isSecure = url.protocol === 'https:'
  // The brackets of an IPv6 address are the URL's.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || (isSecure ? 443 : 80))
  const socket = isSecure
    ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ALPNProtocols: ['h2', 'http/1.1'] })
    : connectTcp({ host, port })
  try {
    await once(socket, isSecure ? 'secureConnect' : 'connect', { signal })
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

async function askHttp1({ url, method, headers, signal }: Request, socket: Duplex): Promise<Answer> {
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const asked = send(url, { method, headers, signal, agent: false, createConnection: () => socket })
  const [body] = (await once(asked.end(), 'response', { signal })) as [IncomingMessage]
  asked.on('error', () => {})
  return { status: body.statusCode ?? 0, headers: body.headers, version: 'HTTP/1.1', body }
}

async function askHttp2({ url, method, headers, signal }: Request, socket: Duplex): Promise<Answer> {
  const session = connectHttp2(url.origin, { createConnection: () => socket })
  session.on('error', () => {})
  const body = session.request({ ':method': method, ':path': `${url.pathname}${url.search}`, ...headers })
  body.on('close', () => session.close())
  signal.addEventListener('abort', () => body.close(constants.NGHTTP2_CANCEL), { once: true })
  const [received] = (await once(body, 'response', { signal })) as [IncomingHttpHeaders & { readonly ':status': number }]
  return { status: received[':status'], headers: received, version: 'HTTP/2', body }
}
