/**
 * A transaction of the harness. By its type it is also a PostgresTransaction of `@trunkline/postgres` (a function that runs a statement),
 * so that code written for that takes it as it is; but there is no database behind it, and called as a function it rejects.
 */
export interface HarnessTransaction extends AsyncDisposable {
  (sql: string, parameters: readonly (string | null)[]): Promise<never>
  /** What was published in it goes into the log, and arrives. Resolves when it is there. */
  commit(): Promise<void>
  /** What was published in it never arrives. So it is at the end of an `await using` without a commit. */
  rollback(): Promise<void>
}

/** How a transaction ended. */
export type Ended = 'committed' | 'rolled back'

/** A transaction that `end` ends, or rejects because it has ended. */
export function createTransaction(end: (how: Ended) => Promise<void>, hasEnded: () => boolean): HarnessTransaction {
  const run = async (sql: string): Promise<never> => {
    throw new Error(
      `A transaction of the harness has no database to run this on: ${sql.slice(0, 80)}. Give your own to harness.transaction(yours), and to the code under test.`,
    )
  }
  return Object.assign(run, {
    commit: () => end('committed'),
    rollback: () => end('rolled back'),
    [Symbol.asyncDispose]: async () => {
      if (!hasEnded()) await end('rolled back')
    },
  })
}
