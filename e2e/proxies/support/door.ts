import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import { request } from 'node:https'
import type { Readable } from 'node:stream'
import { constants as zlib, createGunzip } from 'node:zlib'

import type { Proxy } from './proxy.ts'

export type Version = 'HTTP/1.1' | 'HTTP/2'

/** What has come of a request so far. */
export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Readable
  leave(): void
}

/** How a browser asks a proxy: over TLS, by the proxy's public name. */
export interface Door extends AsyncDisposable {
  /** Resolves with the head of the answer. */
  ask(path: string, headers?: Readonly<Record<string, string>>): Promise<Answered>
}

export function openDoor(version: Version, proxy: Proxy): Door {
  return version === 'HTTP/1.1' ? openHttp1(proxy) : openHttp2(proxy)
}

/** A connection for each request. */
function openHttp1({ port, ca }: Proxy): Door {
  return {
    async ask(path, headers = {}) {
      const asked = request({
        host: '127.0.0.1',
        port,
        path,
        ca,
        agent: false,
        ...asExample,
        headers: { host: `example.com:${port}`, ...asBrowser, ...headers },
      })
      const responded = once(asked.end(), 'response')
      const [body] = (await responded) as [IncomingMessage]
      asked.on('error', () => {})
      return {
        status: body.statusCode ?? 0,
        headers: body.headers,
        body: plain(body, body.headers),
        leave: () => asked.destroy(),
      }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

/** One connection for all of them, until the proxy wants a new one. */
function openHttp2({ port, ca }: Proxy): Door {
  const sessions = new Set<ClientHttp2Session>()
  return {
    async ask(path, headers = {}) {
      const session = [...sessions].find(({ closed, destroyed }) => !closed && !destroyed) ?? open()
      const stream = session.request({ ':path': path, ':authority': `example.com:${port}`, ...asBrowser, ...headers })
      const [received] = (await once(stream, 'response')) as [IncomingHttpHeaders & { readonly ':status': number }]
      return {
        status: received[':status'],
        headers: received,
        body: plain(stream, received),
        // As browsers do it.
        leave: () => stream.close(constants.NGHTTP2_CANCEL),
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) session.destroy()
    },
  }

  function open(): ClientHttp2Session {
    const session = connect(`https://127.0.0.1:${port}`, { ca, ...asExample })
    session.on('error', () => {})
    // It finishes the streams that it has, and takes no more.
    session.on('goaway', () => session.close())
    sessions.add(session)
    return session
  }
}

/** What every browser sends, so that a proxy may compress. */
const asBrowser = { accept: 'text/event-stream', 'accept-encoding': 'gzip' }
const asExample = { servername: 'example.com' }

/** What was sent, unpacked when it was compressed. A stream that is cut says so by its close; that is what is looked at. */
function plain(body: Readable, headers: IncomingHttpHeaders): Readable {
  body.on('error', () => {})
  if (headers['content-encoding'] !== 'gzip') return body
  const unpacked = createGunzip({ finishFlush: zlib.Z_SYNC_FLUSH }).on('error', () => {})
  body.once('close', () => unpacked.destroy())
  return body.pipe(unpacked)
}
