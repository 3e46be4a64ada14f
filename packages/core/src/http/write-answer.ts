import type { Connection } from '../connection/connect.ts'
import type { HttpAnswer } from './types.ts'

/** What is used of a Node response, by shape: node:http's, and the compatibility one of node:http2. */
export interface NodeResponse {
  readonly destroyed: boolean
  readonly headersSent: boolean
  /** HTTP/2's: the response does not say itself that it was cancelled. */
  readonly stream?: unknown
  getHeader(name: string): number | string | readonly string[] | undefined
  setHeader(name: string, value: string | string[]): unknown
  removeHeader(name: string): unknown
  writeHead(status: number): unknown
  write(chunk: Uint8Array): boolean
  end(text?: string): unknown
  destroy(): unknown
  once(event: 'close' | 'drain', listener: () => void): unknown
  off(event: 'close' | 'drain', listener: () => void): unknown
}

/**
 * Writes an answer to a Node response, on top of the headers that it has; resolves when the stream is over. Asks the connection for
 * the next chunk when the socket has taken the one before: a client that does not read is not read for.
 */
export async function writeAnswer({ status, headers, body }: HttpAnswer, res: NodeResponse): Promise<void> {
  for (const [name, value] of headers) {
    // The one header that Headers hands out once for each of its values.
    if (name === 'set-cookie') res.setHeader(name, headers.getSetCookie())
    else res.setHeader(name, name === 'vary' ? merged(res, value) : value)
  }
  if (body === null || typeof body === 'string') {
    res.writeHead(status)
    res.end(body ?? undefined)
    return
  }
  if (!isStream(res.stream)) endAtClose(res)
  res.writeHead(status)
  const leave = (): void => body.close()
  res.once('close', leave)
  closeWhenAborted(res)
  // The socket may have gone while identify or canRead were asked.
  if (isGone(res)) leave()
  for await (const chunk of body) if (!res.write(chunk)) await drained(res)
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

/** Resolves when the socket takes more, or takes no more. */
function drained(res: NodeResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done)
      res.off('close', done)
      resolve()
    }
    res.once('drain', done)
    res.once('close', done)
    if (isGone(res)) done()
  })
}

function isGone({ destroyed, stream }: NodeResponse): boolean {
  return destroyed || (isStream(stream) && stream.destroyed)
}

/** An HTTP/2 stream that the client resets without an error while its window is full says `aborted`, and never `close`. */
function closeWhenAborted({ stream }: NodeResponse): void {
  if (isStream(stream)) stream.once('aborted', () => stream.destroy())
}

function isStream(stream: unknown): stream is Http2Stream {
  return typeof stream === 'object' && stream !== null && 'destroyed' in stream
}

interface Http2Stream {
  readonly destroyed: boolean
  once(event: 'aborted', listener: () => void): unknown
  destroy(): unknown
}

/** Middleware may have named what else the answer varies by. */
function merged(res: NodeResponse, value: string): string {
  const before = res.getHeader('vary')
  return before === undefined ? value : [before, value].flat().join(', ')
}
