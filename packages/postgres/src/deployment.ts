import { hasCode } from '@trunkline/core'
import { type CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely'

import { createDatabase, type Database } from './database.ts'
import type { Pool, QueryOptions } from './driver/pool.ts'
import { isLostConnection } from './errors.ts'
import { checkReady } from './ready.ts'
import { migrate, type Migrated } from './migrate.ts'
import type { Timings } from './timings.ts'

/** What a deployment is made of. */
export interface DeploymentOptions {
  readonly pool: Pool
  readonly schema: string
  readonly migrate: boolean
  /** Whether NOTIFY carries events, when they fit. */
  readonly inline: boolean
  readonly timings: Timings
}

/** One schema of one database: what the store and the notifier of one postgres() share. */
export class Deployment {
  readonly #options: DeploymentOptions
  readonly #db: Kysely<Database>
  readonly #onUsable = new Set<() => void>()
  #ready: Promise<void> | undefined

  constructor(options: DeploymentOptions) {
    this.#options = options
    this.#db = createDatabase(options.schema)
    options.pool.onRecovered(() => this.#tellUsable())
  }

  get pool(): Pool {
    return this.#options.pool
  }

  get schema(): string {
    return this.#options.schema
  }

  get timings(): Timings {
    return this.#options.timings
  }

  /** Whether NOTIFY carries events, as an SQL value. */
  get inline(): RawBuilder<boolean> {
    return sql.lit(this.#options.inline)
  }

  /** Where queries are written. */
  get db(): Kysely<Database> {
    return this.#db
  }

  /** The name of something in this schema, for a query. */
  name(name: string): RawBuilder<unknown> {
    return sql.id(this.schema, name)
  }

  /** Resolves once the schema is known to be usable; then it costs nothing. A failure is tried again by the next caller. */
  ready(): Promise<void> {
    this.#ready ??= checkReady(this, () => (this.#options.migrate ? this.migrate() : undefined)).then(
      () => this.#tellUsable(),
      (error: unknown) => {
        this.#ready = undefined
        throw error
      },
    )
    return this.#ready
  }

  /** Calls back when the database can be used again: it answers, or the schema is there at last. Returns the way to stop it. */
  onUsable(callback: () => void): () => void {
    this.#onUsable.add(callback)
    return () => this.#onUsable.delete(callback)
  }

  migrate(): Promise<Migrated> {
    return migrate(this)
  }

  /** Runs what Kysely wrote. `R` is what the query selects: text columns only. */
  async run<R>(query: CompiledQuery<R> | RawBuilder<R>, options?: QueryOptions): Promise<readonly R[]> {
    const { sql: text, parameters } = 'sql' in query ? query : query.compile(this.#db)
    try {
      const rows = await this.pool.query(text, parameters.map(toText), options)
      return rows as unknown as readonly R[]
    } catch (error) {
      // Dropped and made again, say: what was found out about it holds no longer.
      if (hasCode(error, 'not_migrated')) this.#ready = undefined
      throw error
    }
  }

  /**
   * {@link run}, once the schema is ready, for what may be run twice. It is when the connection was lost: one that lay idle while its
   * backend died is only found dead by using it.
   */
  async query<R>(query: CompiledQuery<R> | RawBuilder<R>, options?: QueryOptions): Promise<readonly R[]> {
    await this.ready()
    try {
      return await this.run(query, options)
    } catch (error) {
      if (!isLostConnection(error)) throw error
      return this.run(query, options)
    }
  }

  /**
   * {@link query} for what is looked for now and then, and may take its time. Planned for what it looks for: a plan for the average
   * walks through the whole log to find the rare.
   */
  search<R>(query: CompiledQuery<R> | RawBuilder<R>): Promise<readonly R[]> {
    return this.query(query, { timeoutMs: this.timings.searchMs, afresh: true })
  }

  /** {@link query} for what answers with exactly one row. */
  async one<R>(query: CompiledQuery<R> | RawBuilder<R>, options?: QueryOptions): Promise<R> {
    const [row] = await this.query(query, options)
    if (row === undefined) throw new Error('A query that always has one row had none.')
    return row
  }

  #tellUsable(): void {
    for (const callback of this.#onUsable) callback()
  }
}

/** The server knows the types; a caller's instance may have its own ideas about what is not text. */
function toText(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value
  throw new TypeError(`Parameters are text here, got ${typeof value}.`)
}
