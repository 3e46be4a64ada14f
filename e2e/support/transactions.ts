import { Client } from 'pg'
import type { QueryFunction } from '@trunkline/postgres'

/** One connection of `pg` and, between begin and commit, a transaction on it. */
export interface TransactionClient extends AsyncDisposable {
  query(sql: string, parameters?: readonly (string | number | null)[]): Promise<readonly Record<string, unknown>[]>
  /** What publish takes as `transaction`: what an application on `pg`, Drizzle or Prisma passes. */
  readonly transaction: QueryFunction
}

/** Transactions of users in these tests go through `pg`: postgres.js 3.4 hangs when a backend dies inside of `begin`. */
export async function openTransactionClient(url: string): Promise<TransactionClient> {
  const client = new Client({ connectionString: url })
  // A connection that is killed says so here too, and nobody else listens.
  client.on('error', () => {})
  await client.connect()
  return {
    query: async (sql, parameters = []) => (await client.query<Record<string, unknown>>(sql, [...parameters])).rows,
    transaction: (sql, parameters) => client.query(sql, [...parameters]),
    [Symbol.asyncDispose]: () => client.end(),
  }
}
