import type { Request } from './stream-request.ts'

/** How to look at a public stream. */
export interface StreamCheck {
  readonly url: URL
  /** Sent with each request: authorization, a cookie. */
  readonly headers: Readonly<Record<string, string>>
  /** How long anything may take that should come at once, in milliseconds. */
  readonly patienceMs: number
  /** How long to watch for a proxy that cuts; undefined: until the first heartbeat. */
  readonly watchMs: number | undefined
  readonly signal: AbortSignal
}

/** A request as browsers send it, so that a proxy may compress. */
export function requestOf({ url, headers }: StreamCheck, signal: AbortSignal, method: Request['method'] = 'GET'): Request {
  return { url, method, headers: { accept: 'text/event-stream', 'accept-encoding': 'gzip, deflate, br', ...headers }, signal }
}

/** What came in time; throws what the work does. */
export async function within<T>(ms: number, work: Promise<T>, signal: AbortSignal): Promise<T | 'late'> {
  const late = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => late.resolve('late'), ms)
  try {
    signal.throwIfAborted()
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
    // Told by the timer, or to nobody.
    work.catch(() => {})
  }
}
