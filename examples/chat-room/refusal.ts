import { type ErrorCode, TrunklineError } from '@trunkline/core'

/** A request that is not done, and what the browser is told. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

const statuses: Partial<Record<ErrorCode, number>> = {
  invalid_detail: 400,
  invalid_event: 400,
  invalid_cursor: 400,
  event_too_large: 413,
  overloaded: 503,
  store_unavailable: 503,
  stopped: 503,
}

/** The refusal for whatever was thrown; null when the failure is our own. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error
  const status = error instanceof TrunklineError ? statuses[error.code] : undefined
  if (status === undefined) return null
  const { code } = error as TrunklineError // it has a status
  return new Refusal(
    status,
    code,
    status === 503 ? 'The server cannot do this at the moment. Try again soon.' : publicMessage(error),
  )
}

/** A schema's own words are written for people; the error around them is written for programmers. */
function publicMessage(error: unknown): string {
  const { cause, message } = error as TrunklineError // as above
  const [issue] = Array.isArray(cause) ? (cause as readonly { readonly message?: unknown }[]) : []
  return typeof issue?.message === 'string' ? issue.message : message
}
