import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'

import { startPostgres } from '../scripts/embedded-postgres.ts'
import { createDeployment, type Deployment, type Process } from './support/deployment.ts'
import { openTransactionClient } from './support/transactions.ts'

const seconds = Number(process.env['TRUNKLINE_RETENTION_SECONDS'] ?? 24)
const maxEvents = 2_000
const tables = ['log', 'outbox', 'publisher', 'activity', 'meta'] as const

describe('a log that is published to and pruned all the time', () => {
  test('stays as large as it is, table and indexes', { timeout: (seconds + 60) * 1_000 }, async () => {
    // Days in seconds: what a server vacuums about once a minute, while a day's events come and go, it does here once a second, while
    // they come and go several times.
    await using server = await startPostgres({ settings: { autovacuum_naptime: 1 } })
    await using deployment = await createDeployment(server.url)
    const trunkline = deployment.open({}, { retention: { maxEvents }, tracking: true })
    await trunkline.start()
    const over = AbortSignal.timeout(seconds * 1_000)
    const samples: Sample[] = []

    const [published, inTransactions, pruned] = await Promise.all([
      publishAll(trunkline, over),
      publishInTransactions(trunkline, deployment.url, over),
      pruneAll(trunkline, over),
      watch(deployment, samples, over),
    ])
    const left = await leftIn(deployment)
    const thirds = [0, 1, 2].map((third) =>
      mostOf(samples.slice((third * samples.length) / 3, ((third + 1) * samples.length) / 3)),
    )
    console.log(
      `${published} events and ${inTransactions} in transactions; ${pruned} pruned, ${left} left. KiB at most, in thirds:`,
    )
    console.table(thirds)

    const [, middle, last] = thirds as [Sample, Sample, Sample]
    for (const table of tables) expect([table, last[table] <= middle[table] * 1.3 + 64]).toEqual([table, true])
    // In a longer run the process has pruned by itself as well.
    expect(pruned).toBeLessThanOrEqual(published + inTransactions - left)
    expect(pruned).toBeGreaterThan(30 * maxEvents)
    expect(left).toBeGreaterThanOrEqual(maxEvents)
    expect(left).toBeLessThan(2 * maxEvents)
    expect(deployment.reported).toEqual([])
  })
})

/** KiB of each table with its indexes. */
type Sample = Readonly<Record<(typeof tables)[number], number>>

/** Events of many users and channels, of all sizes up to 2 KB, at a steady pace. */
async function publishAll(trunkline: Process, over: AbortSignal): Promise<number> {
  let number = 0
  const event = () => {
    const detail = { number: number++, text: 'x'.repeat((number * 37) % 1_000) }
    if (number % 3 === 0) return { scope: 'user', userId: number % 500, type: 'kept', detail } as const
    if (number % 3 === 1) return { scope: 'channel', channel: `room-${number % 50}`, type: 'kept', detail } as const
    return { scope: 'global', type: 'kept', detail } as const
  }
  while (!over.aborted) {
    const batch = Array.from({ length: 100 }, event)
    await Promise.all([trunkline.publishMany(batch), pause(20)])
  }
  return number
}

async function publishInTransactions(trunkline: Process, url: string, over: AbortSignal): Promise<number> {
  await using client = await openTransactionClient(url)
  let published = 0
  while (!over.aborted) {
    await client.query('begin')
    for (let n = 0; n < 10; n++, published++) await trunkline.publishGlobal({ type: 'kept' }, { transaction: client.transaction })
    await client.query('commit')
    await pause(10)
  }
  return published
}

async function pruneAll(trunkline: Process, over: AbortSignal): Promise<number> {
  let pruned = 0
  while (!over.aborted) {
    pruned += (await trunkline.prune()).count
    await pause(100)
  }
  return pruned
}

async function watch({ sql, schema }: Deployment, samples: Sample[], over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const rows = await sql<{ name: (typeof tables)[number]; kib: number }[]>`
      select c.relname as name, (pg_total_relation_size(c.oid) / 1024)::int as kib from pg_class c
      where c.relnamespace = ${schema}::regnamespace and c.relname in ${sql(tables)}`
    samples.push(Object.fromEntries(rows.map(({ name, kib }) => [name, kib])) as unknown as Sample)
    await pause(200)
  }
}

function mostOf(samples: readonly Sample[]): Sample {
  return Object.fromEntries(
    tables.map((table) => [table, Math.max(...samples.map((sample) => sample[table]))]),
  ) as unknown as Sample
}

async function leftIn({ sql, schema }: Deployment): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select (select count(*) from ${sql(schema)}.log)::int + (select count(*) from ${sql(schema)}.outbox)::int as count`
  return row.count
}
