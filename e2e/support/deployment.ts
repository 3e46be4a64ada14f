import { type AnyEvents, createTrunkline, type ErrorContext, type Trunkline, type TrunklineOptions } from '@trunkline/core'
import { postgres, type PostgresOptions, type PostgresTransaction } from '@trunkline/postgres'
import connectTo, { type Sql } from 'postgres'

/** A trunkline on PostgreSQL, as an application has it. */
export type Process = Trunkline<AnyEvents, PostgresTransaction>

/** Options of a process beside its store and notifier. */
export type ProcessOptions = Partial<TrunklineOptions<{}, PostgresTransaction, unknown>>

/** A failure that had no caller. */
export interface Reported {
  readonly error: unknown
  readonly context: ErrorContext
}

/** A schema of its own for one test. */
export interface Deployment extends AsyncDisposable {
  readonly url: string
  readonly schema: string
  /** For looking at the database and for making trouble: not on a connection of any trunkline. */
  readonly sql: Sql
  /** What the processes told their `onError`. */
  readonly reported: readonly Reported[]
  /** Ends the server's processes for connections of this application name, and says how many. Needs `database`. */
  killBackends(applicationName: 'trunkline' | 'trunkline listen'): Promise<number>
  /** How many connections the server has to it now. Needs `database`. */
  connections(): Promise<number>
  /** Runs statements in its own database, as the owner. */
  run(statements: string): Promise<void>
  /** Another process of this deployment. It migrates if need be, and is stopped with the deployment. */
  open(where?: PostgresOptions, options?: ProcessOptions): Process
}

/**
 * Makes a deployment in a schema of its own. With `database` in a database of its own as well: whoever counts or kills connections must
 * not meet those of other tests.
 *
 * @example
 * await using deployment = await createDeployment(inject('databaseUrl'))
 * const trunkline = deployment.open()
 */
export async function createDeployment(serverUrl: string, options: { readonly database?: boolean } = {}): Promise<Deployment> {
  const schema = `test_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`
  // Small and patient: a test that restarts the server has it come back by itself.
  const sql = connectTo(serverUrl, { max: 4, onnotice: () => {}, backoff: () => 0.1, idle_timeout: 5 })
  const url = new URL(serverUrl)
  if (options.database === true) {
    await sql`create database ${sql(schema)}`
    url.pathname = `/${schema}`
  }
  const processes: Process[] = []
  const reported: Reported[] = []

  return {
    url: url.href,
    schema,
    sql,
    reported,
    killBackends: async (applicationName) => {
      const killed = await sql`
        select pg_terminate_backend(pid) from pg_stat_activity where datname = ${schema} and application_name = ${applicationName}`
      return killed.length
    },
    run: async (statements) => {
      const own = connectTo(url.href, { max: 1, onnotice: () => {} })
      try {
        await own.unsafe(statements)
      } finally {
        await own.end()
      }
    },
    connections: async () => {
      const [row] = await sql<[{ count: number }]>`select count(*)::int as count from pg_stat_activity where datname = ${schema}`
      return row.count
    },
    open(where = {}, processOptions = {}) {
      const trunkline = createTrunkline({
        ...postgres({ ...(where.sql === undefined ? { url: url.href } : {}), schema, migrate: true, ...where }),
        canRead: () => true,
        onError: (error, context) => reported.push({ error, context }),
        ...processOptions,
      })
      processes.push(trunkline)
      return trunkline
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(processes.map((trunkline) => trunkline.stop()))
      if (options.database === true) await sql`drop database ${sql(schema)} with (force)`
      else await sql`drop schema if exists ${sql(schema)} cascade`
      await sql.end({ timeout: 1 })
    },
  }
}
