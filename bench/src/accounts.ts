import postgresJs from 'postgres'

/** A transaction of the application. */
export type Transaction = postgresJs.TransactionSql

/** What a transaction does besides its UPDATE; `n` numbers them. */
export type Inside = (transaction: Transaction, n: number) => PromiseLike<unknown>

/** Callers of an application: each has a connection, and one row that it updates in one transaction after the other. */
export class Accounts implements AsyncDisposable {
  readonly #sql: postgresJs.Sql
  readonly #callers: number
  #transactions = 0

  private constructor(sql: postgresJs.Sql, callers: number) {
    this.#sql = sql
    this.#callers = callers
  }

  static async open(url: string, callers: number): Promise<Accounts> {
    const sql = postgresJs(url, { max: callers, onnotice: () => {} })
    await sql`create table if not exists account (id int primary key, balance int) with (fillfactor = 50)`
    await sql`insert into account select n, 0 from generate_series(0, ${callers - 1}::int) n on conflict do nothing`
    return new Accounts(sql, callers)
  }

  /** One transaction; resolves when it is committed. */
  async transact(inside?: Inside, id = 0): Promise<void> {
    const n = ++this.#transactions
    await this.#sql.begin(async (transaction) => {
      await transaction`update account set balance = balance + 1 where id = ${id}`
      await inside?.(transaction, n)
    })
  }

  /** Transactions a second, when the callers do nothing else. */
  async rate(seconds: number, inside?: Inside): Promise<number> {
    let done = 0
    const began = performance.now()
    await Promise.all(
      Array.from({ length: this.#callers }, async (_, id) => {
        while (performance.now() - began < seconds * 1_000) {
          await this.transact(inside, id)
          done++
        }
      }),
    )
    return (done * 1_000) / (performance.now() - began)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sql.end()
  }
}
