import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'

/** The Web standard's Request of a Node one, without its body: hooks look at the URL and the headers. */
export function toRequest(req: IncomingMessage | Http2ServerRequest): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(req.headers)) {
    // HTTP/2's pseudo-headers are no headers to the Web.
    if (name.startsWith(':') || value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one)
  }
  const encrypted = 'encrypted' in req.socket && req.socket.encrypted
  const host = req.headers[':authority']?.toString() ?? req.headers.host ?? 'localhost'
  // Express keeps what it took off the path.
  const path = (req as { readonly originalUrl?: string }).originalUrl ?? req.url ?? '/'
  return new Request(new URL(path, `${encrypted ? 'https' : 'http'}://${host}`), { method: req.method ?? 'GET', headers })
}
