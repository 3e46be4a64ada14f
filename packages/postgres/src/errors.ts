import { type ErrorCode, TrunklineError } from '@trunkline/core'

/** The code of a driver's or a server's error: an SQLSTATE, or a name like ECONNREFUSED. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null ? (error as { readonly code?: unknown }).code : undefined
  return typeof code === 'string' ? code : ''
}

/** The SQLSTATE under a TrunklineError made by {@link toTrunklineError}; empty when there is none. */
export function sqlStateOf(error: unknown): string {
  return error instanceof TrunklineError ? codeOf(error.cause) : codeOf(error)
}

/** Makes one of ours out of what the driver threw: a stable code, and a message that says what to do. */
export function toTrunklineError(error: unknown, server: string, schema: string): TrunklineError {
  if (error instanceof TrunklineError) return error
  const code = errorCode(error)
  return new TrunklineError(code, messageOf(code, error, server, schema), { cause: error })
}

/** Whether trying again may help, and whether it is safe is the caller's to know. */
export function isTransient(error: unknown): boolean {
  return error instanceof TrunklineError && error.code === 'store_unavailable' && !/^(28|3D)/.test(codeOf(error.cause))
}

/** Whether a connection that there was went away: not refused, not too slow. */
export function isLostConnection(error: unknown): boolean {
  return error instanceof TrunklineError && /^(57P01|57P02|ECONNRESET|EPIPE|CONNECTION_CLOSED)$/.test(codeOf(error.cause))
}

function errorCode(error: unknown): ErrorCode {
  const state = codeOf(error)
  // What has no SQLSTATE comes from a socket or from the driver: the connection failed. EPIPE only looks like one.
  if (!/^[0-9A-Z]{5}$/.test(state) || isSystemError(error)) return 'store_unavailable'
  switch (state) {
    case '42501':
      return 'permission_denied'
    case '42P01':
    case '3F000':
    case '42883':
    case '42703':
      return 'not_migrated'
    case '25006':
      return 'read_only_server'
    case '26000':
    case '42P05':
    case '40001':
    case '40P01':
    case '55P03':
    case '57014':
      // Nothing was done, and trying again may help.
      return 'store_unavailable'
    default:
      return /^(08|28|3D|53|57|58)/.test(state) ? 'store_unavailable' : 'store_refused'
  }
}

/** Whether an error is the operating system's. */
function isSystemError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errno' in error && typeof error.errno === 'number'
}

function messageOf(code: ErrorCode, error: unknown, server: string, schema: string): string {
  const state = codeOf(error)
  const said = textOf(error)
  switch (code) {
    case 'permission_denied':
      return `PostgreSQL refused (${said}). The connection is to ${server}: give this role its rights with the GRANTs of migrationSql({ runtimeRole }).`
    case 'not_migrated':
      return notMigrated(schema, said)
    case 'read_only_server':
      return `PostgreSQL refused to write (${said}). The connection is to ${server}: connect to the primary.`
    case 'store_refused':
      return `PostgreSQL refused: ${said}.`
    default:
      return unavailable(state, said, server)
  }
}

/** The message of `not_migrated`. */
export function notMigrated(schema: string, why: string): string {
  return `The schema "${schema}" does not have what this release needs (${why}). Run the migrations: npx trunkline migrate, or await postgres({ url }).migrate() once before the application starts. Or let it do so itself with postgres({ url, migrate: true }) and await trunkline.start() before the first transaction.`
}

function unavailable(state: string, said: string, server: string): string {
  if (state === '55P03')
    return `Trunkline's lock was not free within its time limit (${said}). Look in pg_locks for who holds the advisory lock.`
  if (state.startsWith('28'))
    return `PostgreSQL refused the login to ${server} (${said}). Check the user and the password of the URL.`
  if (state.startsWith('3D')) return `PostgreSQL at ${server}: ${said}. Create the database, or correct the URL.`
  // Prepared statements that are gone, or there already: each transaction runs on another connection of the pooler's.
  if (said.includes('unsupported startup parameter') || state === '26000' || state === '42P05') {
    return `${server} leads through a connection pooler (${said}). Keep the pooler's URL as url, and pass a direct connection to the database as listenUrl.`
  }
  return `Cannot use PostgreSQL at ${server} (${said}). Check that the server runs, that it can be reached from here, and that the URL is right.`
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // An attempt on several addresses fails with an AggregateError, whose own message is empty.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(textOf).join('; ')
  const hint = (error as { readonly hint?: unknown }).hint
  return typeof hint === 'string' ? `${error.message} ${hint}` : error.message
}
