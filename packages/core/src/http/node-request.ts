import type { HttpRequest } from './types.ts'

/** What is used of a Node request, by shape: node:http's, and the compatibility one of node:http2. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly socket: object
}

/** The parts of a request that are the same in every framework on Node. `url`: as it was before a mount was taken off. */
export function readNodeRequest(
  req: NodeRequest,
  url: string = req.url ?? '/',
): Pick<HttpRequest, 'method' | 'header' | 'address' | 'toRequest'> {
  return {
    method: req.method ?? 'GET',
    header(name) {
      const value = req.headers[name]
      return (typeof value === 'object' ? value[0] : value) ?? null
    },
    address: nodeAddress(req),
    toRequest: () => toRequest(req, url),
  }
}

/** As people write it: a server that listens on IPv6 says ::ffff:10.0.0.7 of a client that came by IPv4. */
export function nodeAddress({ socket }: Pick<NodeRequest, 'socket'>): string | undefined {
  const { remoteAddress } = socket as { readonly remoteAddress?: string }
  return remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '')
}

/** The Web standard's Request, without the body: hooks look at the URL and the headers. */
function toRequest({ method = 'GET', headers, socket }: NodeRequest, url: string): Request {
  const all = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    // HTTP/2's pseudo-headers are no headers to the Web.
    if (name.startsWith(':') || value === undefined) continue
    for (const one of [value].flat()) all.append(name, one)
  }
  const encrypted = 'encrypted' in socket && socket.encrypted === true
  const scheme = encrypted ? 'https' : 'http'
  const origin = `${scheme}://${String(headers[':authority'] ?? headers['host'])}`
  // Anyone may send a Host that is none.
  const base = URL.canParse(origin) ? origin : `${scheme}://localhost`
  return new Request(new URL(url, base), { method, headers: all })
}
