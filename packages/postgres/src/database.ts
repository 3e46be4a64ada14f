import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'

/** The views through which a runtime role sees the log. */
export interface Database {
  readonly events: {
    readonly position: string
    readonly id: string
    readonly type: string
    readonly scope: string
    readonly audience: string
    readonly user_id: string | null
    readonly channel: string | null
    readonly entity_id: string | null
    readonly body: string
    readonly raw: boolean
    readonly skip: string | null
    readonly created_at: string
    readonly private: string | null
    readonly key: string | null
  }
  readonly activities: {
    readonly id: string
    readonly user_id: string | null
    readonly rank: number
    readonly at: string
  }
}

/**
 * Kysely writes the queries; it never runs them. The pool does: with a time limit per statement, and without kysely-postgres-js, which
 * reserves a connection for every query and so meets the hang of postgres.js 3.4 on each backend that dies.
 */
export function createDatabase(schema: string): Kysely<Database> {
  const kysely = new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
  return kysely.withSchema(schema)
}
