import connectTo from 'postgres'

import type { Deployment } from '../../support/deployment.ts'

/** An event as the log has it. */
export interface Row {
  readonly position: number
  readonly name: string
  readonly audience: string
}

/**
 * What the log has held, read from its table and past all code that is being tried. What is pruned stays here; what a database
 * forgot belongs to an earlier timeline, whose positions may be issued again in the next.
 */
export class Ledger {
  readonly #deployment: Deployment
  readonly #timelines: Map<string, Row>[] = [new Map()]

  constructor(deployment: Deployment) {
    this.#deployment = deployment
  }

  /** Each in the order of its positions; the last one is the log as it is. */
  get timelines(): readonly (readonly Row[])[] {
    return this.#timelines.map((rows) => [...rows.values()].toSorted((a, b) => a.position - b.position))
  }

  /** Adds what the log holds now; resolves with how many events were new. */
  async read(): Promise<number> {
    const { schema } = this.#deployment
    const rows = await this.#ask<Row>(
      `select position::int, audience, body::json ->> 'name' as name from ${schema}.log order by position`,
    )
    const timeline = this.#timelines.at(-1) as Map<string, Row>
    const before = timeline.size
    for (const row of rows) timeline.set(`${row.position} ${row.name}`, row)
    return timeline.size - before
  }

  /** From here on the database is another one. */
  turn(): void {
    this.#timelines.push(new Map())
  }

  /** Whether nothing is on its way: no transaction is open, and the outbox is empty. */
  async isQuiet(): Promise<boolean> {
    const [found] = await this.#ask<{ readonly left: number }>(`
      select (select count(*) from ${this.#deployment.schema}.outbox)::int + (
        select count(*) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' and state <> 'idle'
      )::int as left`)
    return found?.left === 0
  }

  async #ask<T extends object>(query: string): Promise<readonly T[]> {
    // A connection for each question: the server may have been another one before.
    const sql = connectTo(this.#deployment.url, { max: 1, onnotice: () => {} })
    try {
      return await sql.unsafe<T[]>(query)
    } finally {
      await sql.end()
    }
  }
}
