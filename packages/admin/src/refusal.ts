import { type ErrorCode, TrunklineError } from '@trunkline/core'

/** A request that is not done, and what the viewer is told. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const statuses: Partial<Record<ErrorCode, number>> = {
  not_found: 404,
  invalid_filter: 400,
  invalid_cursor: 400,
  no_store: 501,
  not_supported: 501,
  reserved_type: 400,
  overloaded: 503,
  store_unavailable: 503,
  stopped: 503,
}

/** The refusal for whatever was thrown; null when the failure is our own. Who may see these pages may read Trunkline's own words. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error
  // By its name too: the application may have another copy of core.
  if (!(error instanceof TrunklineError) && (error as Error | null)?.name !== 'TrunklineError') return null
  const { code, message } = error as TrunklineError // as just seen
  const status = statuses[code]
  return status === undefined ? null : new Refusal(status, message)
}
