/** One step of the schema. Never edited after its release: later steps change what earlier ones made. */
export interface Migration {
  readonly version: number
  readonly name: string
  /** Statements for a quoted schema name. They may be run again without harm, so that printed SQL may be, too. */
  readonly sql: (schema: string) => string
}

/**
 * The advisory lock under which positions are issued. One for all schemas of a database: NOTIFY makes their commits wait for each other
 * anyway, and two keys could be taken in opposite orders. 64 random bits, so that nobody else's key is the same by chance.
 */
export const logLock = '7523094288202113377'

/** The advisory lock under which migrations run. Not the log's: a migration must never wait for a publisher that waits for it. */
export const migrationLock = '7523094288202113379'

/** First half of the two-part advisory locks that keep one sweep and one prune at a time in each schema. */
export const chores = 1751611489
