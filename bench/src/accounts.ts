import type { Trunkline } from '@trunkline/core'
import type { PostgresTransaction } from '@trunkline/postgres'
import { Client } from 'pg'

/** A trunkline on PostgreSQL. */
export type OnPostgres = Pick<Trunkline<never, PostgresTransaction>, 'publishGlobal'>

/** Callers of an application: each has a connection, and one row that it updates in one transaction after the other. */
export class Accounts implements AsyncDisposable {
  readonly #clients: readonly Client[]
  events = 0

  private constructor(clients: readonly Client[]) {
    this.#clients = clients
  }

  static async open(url: string, callers: number): Promise<Accounts> {
    const clients = Array.from({ length: callers }, () => new Client({ connectionString: url }))
    await Promise.all(clients.map((client) => client.connect()))
    const [first] = clients
    await first?.query('create table if not exists account (id int primary key, balance int) with (fillfactor = 50)')
    await first?.query(`insert into account select n, 0 from generate_series(0, ${callers - 1}) n on conflict do nothing`)
    return new Accounts(clients)
  }

  /** Transactions a second, with an event in each when there is a trunkline to publish it. */
  async rate(seconds: number, publisher?: OnPostgres): Promise<number> {
    let transactions = 0
    const began = performance.now()
    await Promise.all(
      this.#clients.map(async (client, id) => {
        while (performance.now() - began < seconds * 1_000) {
          await client.query('begin')
          await client.query('update account set balance = balance + 1 where id = $1', [id])
          if (publisher !== undefined) await publishIn(client, publisher, ++this.events)
          await client.query('commit')
          transactions++
        }
      }),
    )
    return (transactions * 1_000) / (performance.now() - began)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end()))
  }
}

/** One event in the client's transaction. */
export async function publishIn(client: Client, publisher: OnPostgres, n: number): Promise<void> {
  await publisher.publishGlobal(
    { type: 'balance_changed', detail: { n } },
    { transaction: (text: string, parameters: readonly unknown[]) => client.query(text, [...parameters]) },
  )
}
