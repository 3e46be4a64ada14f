import connectTo, { type Sql } from 'postgres'

/** An instance of postgres.js that remembers what it was given, to have it explained. */
export class Recorder {
  readonly sql: Sql
  #sent: { readonly text: string; readonly parameters: readonly unknown[] }[] = []

  constructor(url: string) {
    this.sql = connectTo(url, {
      max: 2,
      onnotice: () => {},
      debug: (_connection, text, parameters) => void this.#sent.push({ text, parameters }),
    })
  }

  /** What PostgreSQL did for each statement of a search. */
  async explain(run: () => Promise<unknown>): Promise<string> {
    this.#sent = []
    await run()
    const plans: string[] = []
    for (const { text, parameters } of this.#sent.filter((statement) => statement.text.includes('events'))) {
      const rows = await this.sql.unsafe(`explain (analyze, buffers, costs off) ${text}`, parameters as never[])
      plans.push(rows.map((row) => `       ${row['QUERY PLAN']}`).join('\n'))
    }
    return plans.join('\n')
  }
}
