import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { startPostgres } from './embedded-postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser's URL of the PostgreSQL that all test files of this run share: `inject('databaseUrl')`. */
    databaseUrl: string
  }
}

/** One PostgreSQL for the whole run: that of `DATABASE_URL`, or an embedded one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await find()
  console.log(`PostgreSQL ${await versionOf(url)}`)
  project.provide('databaseUrl', url)
  return stop
}

async function find(): Promise<{ url: string; stop: () => Promise<void> }> {
  const { DATABASE_URL: url = '' } = process.env
  return url === '' ? startPostgres() : { url, stop: async () => {} }
}

async function versionOf(url: string): Promise<string> {
  const sql = postgres(url, { max: 1 })
  try {
    const [row] = await sql<[{ server_version: string }]>`show server_version`
    return row.server_version
  } finally {
    await sql.end()
  }
}
