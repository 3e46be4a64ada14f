import { describe, expect, test } from 'vitest'

import { admin, backend, codeOf, event, s, schema } from './support/deployment.ts'

const one = backend()

describe('inspect', () => {
  test('looks at a schema that is not there, and makes nothing', async () => {
    expect(await one.inspect()).toMatchObject({
      server: { isReplica: false },
      migrations: { version: 0, latest: 2, pending: ['0001-log', '0002-search'] },
      log: null,
    })
    const { rowCount } = await admin.query('select from pg_namespace where nspname = $1', [schema])
    expect(rowCount).toBe(0)
  })

  test('counts what is stored, from the floor on, and what waits in the outbox', async () => {
    await one.migrate()
    expect((await one.inspect()).log).toMatchObject({ events: 0, oldest: null, newest: null, outbox: 0 })
    await one.store.append([event(), event(), event()], {})
    await one.store.prune({ keep: 2, limit: 10 })
    await admin.query(`update ${s}.log set created_at = now() - interval '2 minutes' where position = 2`)
    await admin.query(`select ${s}.publish('waits', '{}', scope => 'global')`)
    const { log, migrations, server } = await one.inspect()
    expect(migrations).toEqual({ version: 2, latest: 2, pending: [] })
    expect(server.number).toBeGreaterThanOrEqual(140_000)
    expect(log).toMatchObject({ events: 2, isEstimate: false, lastMinute: 1, lastHour: 2, outbox: 1 })
    expect(Date.parse(log?.newest ?? '') - Date.parse(log?.oldest ?? '')).toBeGreaterThan(100_000)
    expect(log?.bytes).toBeGreaterThan(10_000)
    expect(log?.queueUsage).toBeLessThan(1)
  })

  test('estimates what takes long to count', async () => {
    await admin.query(`insert into ${s}.log (id, type, scope, audience, body, raw, created_at)
      select 'many-' || n, 't', 'global', 'g', '{}', false, now() from generate_series(1, 150000) n`)
    await admin.query(`analyze ${s}.log`)
    const { log } = await one.inspect()
    expect(log?.isEstimate).toBe(true)
    expect(log?.events).toBeGreaterThan(140_000)
    expect(log?.events).toBeLessThan(160_000)
    expect(log?.lastMinute).toBe(100_001)
  })
})

describe('checkListening', () => {
  test('resolves when a notification came back, ends its connection, and moves nothing out of the outbox', async () => {
    await one.checkListening()
    const { rows } = await admin.query(`select count(*)::int as count from ${s}.outbox`)
    expect(rows).toEqual([{ count: 1 }])
  })

  test('says why the schema cannot be used', async () => {
    expect(await codeOf(backend({ schema: 'nobody' }).checkListening())).toBe('not_migrated')
  })
})
