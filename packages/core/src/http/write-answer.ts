import type { Connection } from '../connection/connect.ts'
import { closeWhenAborted, isGone, isHttp2, type Outlet, pour } from './outlet.ts'
import type { HttpAnswer } from './types.ts'

/** What is used of a Node response, by shape: node:http's, and the compatibility one of node:http2. */
export interface NodeResponse extends Outlet {
  readonly headersSent: boolean
  /** Null while an earlier answer of a pipelining client is under way. */
  readonly socket?: Outlet | null
  getHeader(name: string): number | string | readonly string[] | undefined
  setHeader(name: string, value: string | string[]): unknown
  removeHeader(name: string): unknown
  writeHead(status: number): unknown
  flushHeaders(): void
  end(text?: string): unknown
  destroy(): unknown
}

/**
 * Writes an answer to a Node response, on top of the headers that it has; resolves when the stream is over. Asks the connection for
 * the next chunk when the socket has taken the one before: a client that does not read is not read for.
 */
export async function writeAnswer({ status, headers, body }: HttpAnswer, res: NodeResponse): Promise<void> {
  setHeaders(res, headers)
  if (body !== null && typeof body !== 'string') return writeStream(status, body, res)
  res.writeHead(status)
  res.end(body ?? undefined)
}

function setHeaders(res: NodeResponse, headers: Headers): void {
  for (const [name, value] of headers) {
    // The one header that Headers hands out once for each of its values.
    if (name === 'set-cookie') res.setHeader(name, headers.getSetCookie())
    else res.setHeader(name, name === 'vary' ? merged(res, value) : value)
  }
}

/** Returned and not awaited by who knows the headers, so that they, and an unfinished call, are not kept as long as the stream goes on. */
async function writeStream(status: number, body: Connection, res: NodeResponse): Promise<void> {
  if (!isHttp2(res)) endAtClose(res)
  res.writeHead(status)
  const leave = (): void => body.close()
  res.once('close', leave)
  closeWhenAborted(res)
  // The socket may have gone while identify or canRead were asked.
  if (isGone(res)) leave()
  await pour(body, outletOf(res))
  res.end()
}

/**
 * Writes a stream one turn later, for frameworks whose middleware sets headers after the handler as well. `headers` are asked then;
 * null says that somebody else has answered instead, an error handler for instance. Then the stream ends. Never throws.
 */
export function writeLater(
  body: Connection,
  res: NodeResponse,
  headers: () => Headers | null,
  report: (error: unknown) => void,
): void {
  setTimeout(() => {
    const now = res.headersSent ? null : headers()
    if (now === null) return body.close()
    writeAnswer({ status: 200, headers: now, body }, res).catch((error: unknown) => {
      report(error)
      body.close()
      res.destroy()
    })
  })
}

/**
 * A body that goes on until the connection closes (RFC 9112, 6.3), as that of a stream does anyway: framing each chunk of it is a fifth
 * of the processor time of a delivery. HTTP/2 has no such header.
 */
function endAtClose(res: NodeResponse): void {
  res.setHeader('connection', 'close')
  res.removeHeader('transfer-encoding')
}

/**
 * Where the body goes. It has no framing, so past the headers it may be written to the socket itself, which takes a fifth off a delivery:
 * a response corks its socket for each write, and lets it go in the next tick. Not where somebody else's `write` stands before Node's
 * and wants to see what is written: middleware, or a test's response without a client.
 */
function outletOf(res: NodeResponse): Outlet {
  if (isHttp2(res) || holderOf(res, 'write') !== holderOf(res, 'flushHeaders')) return res
  res.flushHeaders()
  return res.socket ?? res
}

/** The object in a chain of prototypes that has a property. */
function holderOf(object: object, name: string): object | null {
  for (let holder: object | null = object; holder !== null; holder = Reflect.getPrototypeOf(holder)) {
    if (Object.hasOwn(holder, name)) return holder
  }
  return null
}

/** Middleware may have named what else the answer varies by. */
function merged(res: NodeResponse, value: string): string {
  const before = res.getHeader('vary')
  return before === undefined ? value : [before, value].flat().join(', ')
}
