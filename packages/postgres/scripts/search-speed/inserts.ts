import { readFile } from 'node:fs/promises'

import type { NewEvent } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'
import type { Sql } from 'postgres'

const rounds = 3
const batches = 200
const batchSize = 100
/** Of /proc/<pid>/stat. */
const tickMs = 10

interface Index {
  readonly name: string
  readonly definition: string
}

/**
 * What the indexes for searches cost who appends: processor time of the database's process for a hundred events, without any of them, with
 * each alone, and with all. Processor time, because a rate says more of what else the machine does. Needs /proc, so Linux, and the
 * database on this machine.
 */
export async function measureInserts(url: string, schema: string, sql: Sql): Promise<string> {
  const indexes = await searchIndexes(sql, schema)
  const sets = new Map<string, readonly Index[]>([
    ['none', []],
    ...indexes.map((index) => [index.name, [index]] as const),
    ['all', indexes],
  ])
  const spent = new Map<string, number>()
  const { store } = postgres({ url, schema, poolSize: 1 })
  for (let round = 0; round < rounds; round++) {
    for (const [name, set] of sets) {
      await sql.unsafe(`truncate ${schema}.log`)
      for (const index of indexes) await sql.unsafe(`drop index if exists ${schema}.${index.name}`)
      for (const { definition } of set) await sql.unsafe(definition)
      const events = Array.from({ length: batches }, (_, batch) => newEvents(batch))
      await store.append(newEvents(batches), {})
      const before = await processorMs(sql)
      for (const batch of events) await store.append(batch, {})
      spent.set(name, (spent.get(name) ?? 0) + (await processorMs(sql)) - before)
    }
  }
  for (const { definition } of indexes) await sql.unsafe(definition)
  await sql.unsafe(`truncate ${schema}.log`)
  await store.close?.()
  const none = spent.get('none') ?? 0
  const lines = [...spent].map(([name, ms]) => {
    const share = `${(ms / none - 1) * 100 >= 0 ? '+' : ''}${((ms / none - 1) * 100).toFixed(0)} %`
    return `${(ms / rounds / batches).toFixed(2).padStart(6)} ms ${share.padStart(6)}  ${name}`
  })
  return [`Processor time for an append of ${batchSize} events, by index:`, ...lines].join('\n')
}

/** What migration 2 made. */
async function searchIndexes(sql: Sql, schema: string): Promise<readonly Index[]> {
  return sql<Index[]>`
    select indexname as name, replace(indexdef, 'CREATE INDEX', 'create index if not exists') as definition
    from pg_indexes where schemaname = ${schema} and tablename = 'log' and indexname like 'log_by_%' order by 1`
}

/** Of the session that appends: the one that came last. */
async function processorMs(sql: Sql): Promise<number> {
  const [session] = await sql<{ pid: number }[]>`
    select pid from pg_stat_activity where application_name = 'trunkline' order by backend_start desc limit 1`
  const stat = await readFile(`/proc/${session?.pid}/stat`, 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) * tickMs
}

function newEvents(batch: number): readonly NewEvent[] {
  return Array.from({ length: batchSize }, (_, index) => newEvent(batch * batchSize + index))
}

function newEvent(n: number): NewEvent {
  const entityId = n % 2 === 0 ? `page-${(n * 104_729) % 300_000}` : null
  const isChannel = n % 5 === 0
  return {
    id: crypto.randomUUID(),
    type: `type-${n % 10}`,
    scope: isChannel ? 'channel' : 'user',
    userId: isChannel ? null : `user-${(n * 7_919) % 5_000}`,
    channel: isChannel ? `room-${n % 200}` : null,
    entityId,
    body: JSON.stringify({ ':id': entityId, title: `Page number ${n}`, note: 'x'.repeat(128) }),
    raw: false,
    skipUserIds: [],
    createdAt: '',
    privateData: null,
    idempotencyKey: null,
  }
}
