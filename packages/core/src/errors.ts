/** Every code a {@link TrunklineError} can have. Stable: programs may rely on them. docs/errors.md says what to do about each. */
export type ErrorCode =
  // publishing
  | 'invalid_type'
  | 'unknown_type'
  | 'reserved_type'
  | 'invalid_user'
  | 'invalid_channel'
  | 'invalid_entity_id'
  | 'invalid_detail'
  | 'invalid_event'
  | 'event_too_large'
  | 'invalid_transaction'
  | 'overloaded'
  // reading and listening
  | 'invalid_cursor'
  | 'invalid_filter'
  | 'invalid_acknowledgement'
  | 'not_found'
  | 'no_store'
  | 'not_supported'
  | 'listen_failed'
  | 'listen_deaf'
  // connections
  | 'forbidden'
  | 'too_many_connections'
  | 'hook_failed'
  // life and settings
  | 'invalid_options'
  | 'stopped'
  // stores
  | 'store_unavailable'
  | 'store_refused'
  | 'not_migrated'
  | 'permission_denied'
  | 'unsupported_server'
  | 'read_only_server'

/**
 * The one error class of Trunkline: a stable `code` for programs, a message for people that says what was wrong, what was received
 * and what to do next, and the `cause` when there is one.
 */
export class TrunklineError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'TrunklineError'
    this.code = code
  }
}

/** Whether `error` is a {@link TrunklineError} with this code. */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof TrunklineError && error.code === code
}
