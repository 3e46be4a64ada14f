import type { ErrorCode, TrunklineError } from '@trunkline/core'

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
  const known = trunklineError(error)
  const status = known === null ? undefined : statuses[known.code]
  return known === null || status === undefined ? null : new Refusal(status, known.message)
}

/** An error that has a code. By its name: the application may have another copy of core. */
export function trunklineError(error: unknown): TrunklineError | null {
  return error instanceof Error && error.name === 'TrunklineError' ? (error as TrunklineError) : null
}
