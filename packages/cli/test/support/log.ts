import { type AnyEvents, createTrunkline, type Trunkline } from '@trunkline/core'
import { postgres, type PostgresTransaction } from '@trunkline/postgres'
import connectTo, { type Sql } from 'postgres'
import { afterAll, inject } from 'vitest'

/** The server that all tests share. */
export const databaseUrl: string = inject('databaseUrl')

/** For looking and for making trouble, not on a connection of the command. */
export const sql: Sql = connectTo(databaseUrl, { max: 4, onnotice: () => {}, idle_timeout: 5 })

const schemas: string[] = []
const closing: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const close of closing) await close()
  for (const schema of schemas) await sql`drop schema if exists ${sql(schema)} cascade`
  await sql.end()
})

/** A name for a schema, which goes at the end. */
export function newSchema(): string {
  const schema = `cli_${crypto.randomUUID().slice(0, 8)}`
  schemas.push(schema)
  return schema
}

/** A log of its own, and the options that lead a command to it. */
export interface TestLog {
  readonly schema: string
  /** `--url … --schema …` */
  readonly where: readonly string[]
  /** The application: publishes, and is never started. */
  readonly application: Trunkline<AnyEvents, PostgresTransaction>
}

/** Makes a migrated one. */
export async function createLog(): Promise<TestLog> {
  const schema = newSchema()
  const backend = postgres({ url: databaseUrl, schema })
  await backend.migrate()
  const application = createTrunkline(backend)
  closing.push(() => application.stop())
  return { schema, where: ['--url', databaseUrl, '--schema', schema], application }
}
