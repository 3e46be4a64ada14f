import { type ErrorCode, TrunklineError } from '../errors.ts'
import type { HttpAnswer } from './types.ts'

/** Why there is no stream, as an HTTP answer. What reaches a browser is a code and a safe text; details stay on the server. */
export function refuse(status: number, code: string, message: string, headers: Headers = new Headers()): HttpAnswer {
  headers.set('content-type', 'application/json; charset=utf-8')
  headers.set('cache-control', 'no-store')
  // Spread out, so that those who were refused together do not come back together.
  if (status === 429 || status === 503) headers.set('retry-after', String(1 + Math.floor(Math.random() * 5)))
  return { status, headers, body: JSON.stringify({ error: code, message }) }
}

const refusals: Partial<Record<ErrorCode, readonly [status: number, message: string]>> = {
  forbidden: [403, 'You may not read these channels.'],
  invalid_acknowledgement: [400, 'Say status=delivered or status=read, and at most 100 ids.'],
  invalid_channel: [400, 'A channel name is not valid.'],
  too_many_connections: [429, 'You have too many streams open.'],
  overloaded: [503, 'The server has too many streams open.'],
  hook_failed: [503, 'The server took too long to decide.'],
  stopped: [503, 'The server is stopping.'],
  store_unavailable: [503, 'The server cannot reach its database.'],
}

/** Whether a refusal is the client's business alone. Of everything else somebody has to hear who runs the server. */
export function isClients(error: unknown): boolean {
  return error instanceof TrunklineError && (error.code === 'stopped' || (refusals[error.code]?.[0] ?? 500) < 500)
}

/** The answer to what connect threw; null when the failure is the server's own. */
export function refusalOf(error: unknown, headers: Headers): HttpAnswer | null {
  const known = error instanceof TrunklineError ? refusals[error.code] : undefined
  return known === undefined ? null : refuse(known[0], (error as TrunklineError).code, known[1], headers)
}
