import type { ConnectionState } from './types.ts'

/** How an attempt ended: for good, or with another one to follow, not before `minMs` have passed. */
export type Outcome =
  | { readonly stop: StopReason }
  | { readonly stop?: undefined; readonly because: string; readonly minMs?: number }

type StopReason = Extract<ConnectionState, { readonly status: 'stopped' }>['reason']

const stops: Readonly<Record<number, StopReason>> = {
  204: 'ended',
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'bad_request',
  410: 'ended',
}

/** What an answer that is not a stream means; null for a stream. */
export function refusalOf({ status, headers }: Response, now: number): Outcome | null {
  const stop = stops[status]
  if (stop) return { stop }
  // Meant for 429 and 503, and as good advice with any other failure.
  if (status !== 200) return { because: `HTTP ${status}`, minMs: retryAfterMs(headers.get('retry-after') ?? '', now) }
  const type = String(headers.get('content-type'))
  // Otherwise a login page, a proxy's "we will be right back", a development server that answers every path.
  return /^text\/event-stream\b/i.test(type) ? null : { because: `not an event stream: ${type}` }
}

/** `retry-after` is seconds or a date (RFC 9110, 10.2.3); 0 when it is neither, or over. */
function retryAfterMs(value: string, now: number): number {
  return Math.max(0, Number(value) * 1_000 || Date.parse(value) - now || 0)
}
