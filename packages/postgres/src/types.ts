import type { Archive, Notifier, Store } from '@trunkline/core'

/** A Kysely transaction of any PostgreSQL dialect. `isTransaction: true` keeps a plain Kysely out. Names neither package. */
export interface KyselyTransactionLike {
  readonly isTransaction: true
  executeQuery(query: CompiledQueryLike): Promise<{ readonly rows: readonly unknown[] }>
}

/** Kysely asks for `query` (a RawNode) and `queryId` too: `executeQuery({ sql, parameters })` does not type-check. */
export interface CompiledQueryLike {
  readonly sql: string
  readonly parameters: readonly unknown[]
  readonly query: never
  readonly queryId: never
}

/** What `sql.begin` hands out. `savepoint` keeps a plain `sql` out, which would publish on another connection. */
export interface PostgresJsTransactionLike {
  unsafe(query: string, parameters?: never[], options?: { readonly prepare?: boolean }): PromiseLike<readonly unknown[]>
  savepoint: unknown
  prepare: unknown
  readonly begin?: undefined
}

/** Everyone else: Drizzle, Prisma, node-postgres. One statement, `$1` placeholders, run on the transaction's connection. */
export type QueryFunction = (sql: string, parameters: readonly (string | null)[]) => PromiseLike<unknown>

/** What `publish(event, { transaction })` takes with this store. */
export type PostgresTransaction = KyselyTransactionLike | PostgresJsTransactionLike | QueryFunction

/** A postgres.js instance, by shape. */
export interface PostgresJsLike {
  unsafe(query: string, parameters?: never[]): PromiseLike<readonly unknown[]>
  begin: unknown
  listen: unknown
  end: unknown
}

/** How {@link postgres} reaches the database. */
export interface PostgresOptions {
  /** `undefined` is allowed here and answered with one clear error, because `process.env.X` is what people pass. */
  readonly url?: string | undefined
  /** An existing postgres.js instance: used for publishing and reading, never closed. LISTEN has a connection of its own, made with the same settings. */
  readonly sql?: PostgresJsLike
  /** A direct connection when `url` goes through a transaction pooler. Defaults to `url`. */
  readonly listenUrl?: string | undefined
  /** Two schemas are two deployments. Defaults to `'trunkline'`. */
  readonly schema?: string
  /** Run the migrations at the first use. Defaults to false: missing tables are a clear error that says what to do. */
  readonly migrate?: boolean
  /** False: NOTIFY carries only ranges, never details (any role that reads `meta` may LISTEN). Defaults to true. */
  readonly detailInNotify?: boolean
  /** Connections for publishing and reading; the LISTEN connection is one more. Defaults to 4. Idle ones do not keep a script running. */
  readonly poolSize?: number
}

/** What {@link postgres} gives to createTrunkline. */
export interface PostgresBackend {
  readonly store: Store<PostgresTransaction> & { readonly archive: Archive }
  readonly notifier: Notifier
  /** Idempotent, under a lock. A schema that is current is left alone: no DDL. */
  migrate(): Promise<{ readonly applied: readonly string[] }>
  /** Looks at the deployment as it is, also at one that cannot be used. Reads only. For tools and health pages. */
  inspect(): Promise<Inspection>
  /**
   * Resolves once a notification came back through LISTEN, as the application would hear it. Starts nothing that goes on.
   *
   * @throws {TrunklineError} `listen_deaf` behind a pooler; else why the database or the schema cannot be used
   */
  checkListening(): Promise<void>
}

/** A deployment as {@link PostgresBackend.inspect} found it. */
export interface Inspection {
  /** `number` is the version as a number: 180004 is 18.4. */
  readonly server: {
    readonly version: string
    readonly number: number
    readonly isReplica: boolean
    readonly role: string
  }
  /** `version` is 0 where there are no tables, and null where the role may not look. `latest` is what this release works with. */
  readonly migrations: {
    readonly version: number | null
    readonly latest: number
    readonly pending: readonly string[]
  }
  /** null where there are no tables, or the role may not look. */
  readonly log: LogInspection | null
}

/** The log in numbers. What would take long on a large log is bounded at 100,000. */
export interface LogInspection {
  readonly events: number
  /** Whether `events` is the planner's estimate, which it is above 100,000. */
  readonly isEstimate: boolean
  /** Events of the last minute, and of the last hour; at most 100,001 of each are counted. */
  readonly lastMinute: number
  readonly lastHour: number
  /** When the oldest and the newest stored event were created, ISO 8601. null in an empty log. */
  readonly oldest: string | null
  readonly newest: string | null
  /** Bytes of all tables of the schema, with their indexes. */
  readonly bytes: number
  /** How full the server's notification queue is, 0 to 1; above 0.8 no NOTIFY is sent. */
  readonly queueUsage: number
  /** LISTEN connections of Trunkline in this database, of all its schemas. */
  readonly listeners: number
  /** Events of committed transactions on their way into the log, at most 100,000 counted; null where the role may not look. */
  readonly outbox: number | null
}
