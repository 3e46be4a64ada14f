import type { NewEvent, Stop } from '@trunkline/core'
import { Pool, type PoolClient } from 'pg'
import { afterAll, inject } from 'vitest'

import { createBackend } from '../../src/postgres.ts'
import type { Timings } from '../../src/timings.ts'
import type { PostgresBackend, PostgresOptions } from '../../src/types.ts'

/** The server that all tests share. */
export const databaseUrl: string = inject('databaseUrl')

/** The URL for connections that are told apart by a name, so that a test kills its own and no others. */
export function urlNamed(name: string, base: string = databaseUrl): string {
  return `${base}?application_name=${name}-${schema.slice(5)}`
}

/** Kills the backends of connections made with {@link urlNamed}; resolves with how many. */
export async function killBackends(name: string): Promise<number> {
  const { rowCount } = await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
    `${name}-${schema.slice(5)}`,
  ])
  return rowCount ?? 0
}

/** A schema of this test file's own. */
export const schema = `test ${crypto.randomUUID().slice(0, 8)}`

/** The schema's name for SQL. */
export const s = `"${schema}"`

const closing: (() => Promise<unknown>)[] = []

/** A pool of the superuser, through node-postgres: postgres.js hangs when a backend is killed inside a transaction. */
export const admin: Pool = new Pool({ connectionString: databaseUrl, max: 10, idleTimeoutMillis: 1_000 })
admin.on('connect', (client) => client.on('error', () => {}))
admin.on('error', () => {})

/** A backend on this file's schema, closed at the end. */
export function backend(options: Partial<PostgresOptions> = {}, timings: Partial<Timings> = {}): PostgresBackend {
  const made = createBackend({ ...(options.sql === undefined ? { url: databaseUrl } : {}), schema, ...options }, timings)
  closing.push(async () => made.store.close?.())
  return made
}

/** What a listener was told, in order. */
export interface Heard {
  readonly payloads: string[]
  readonly errors: unknown[]
  /** How often it was told that it listens. */
  listening: number
  readonly stop: Stop
}

/** Listens on a backend until the end. */
export function listen({ notifier }: PostgresBackend): Heard {
  const payloads: string[] = []
  const errors: unknown[] = []
  const stop = notifier.listen({
    onPayload: (payload) => payloads.push(payload),
    onListening: () => heard.listening++,
    onError: (error) => errors.push(error),
  })
  const heard: Heard = { payloads, errors, listening: 0, stop }
  closing.unshift(stop)
  return heard
}

/** Runs something at the end, before the schema goes. */
export function atEnd(close: () => Promise<unknown>): void {
  closing.unshift(close)
}

afterAll(async () => {
  for (const close of closing) await close()
  await admin.query(`drop schema if exists ${s} cascade`)
  await admin.end()
})

/** An event on its way, with an id of its own. */
export function event(fields: Partial<NewEvent> = {}): NewEvent {
  return {
    id: crypto.randomUUID(),
    type: 'test',
    scope: 'global',
    userId: null,
    channel: null,
    entityId: null,
    body: '{}',
    raw: false,
    skipUserIds: [],
    createdAt: new Date().toISOString(),
    privateData: null,
    idempotencyKey: null,
    ...fields,
  }
}

/** Everything after a position, page by page. */
export async function readAll(
  { store }: PostgresBackend,
  after = 0,
): Promise<Awaited<ReturnType<PostgresBackend['store']['read']>>['events']> {
  const events = []
  for (let from = after; ;) {
    const page = await store.read({ after: from, audience: 'everything', limit: 500, signal: new AbortController().signal })
    events.push(...page.events)
    if (page.through >= page.head) return events
    from = page.through
  }
}

/** Resolves when a condition holds; fails after a while. */
export async function until(what: string, condition: () => unknown, timeoutMs = 10_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !(await condition());) {
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The code of the error a promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return (await failureOf(promise)).code
}

/** The error a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  return promise.then(
    () => {
      throw new Error('It did not fail.')
    },
    (error: Error) => error,
  )
}

/** Runs something in a transaction of node-postgres. */
export async function inTransaction<T>(work: (client: PoolClient) => Promise<T>, begin = 'begin'): Promise<T> {
  const client = await admin.connect()
  try {
    await client.query(begin)
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

/** A transaction of node-postgres as publish takes it. */
export function through(client: PoolClient): (sql: string, parameters: readonly (string | null)[]) => Promise<unknown> {
  return (sql, parameters) => client.query(sql, [...parameters])
}
