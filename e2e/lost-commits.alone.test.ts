import postgres from 'postgres'
import { describe, expect, inject, test } from 'vitest'

import { startPostgres } from '../scripts/embedded-postgres.ts'
import { createDeployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { names, publish } from './support/rewound-log.ts'
import { Witness } from './support/witness.ts'

describe('synchronous_commit = off', () => {
  test('the server crashes and forgets what the application wrote; no event that was acknowledged is lost', async () => {
    // Nothing writes the log of transactions out by itself for a long time.
    await using server = await startPostgres({ settings: { synchronous_commit: 'off', wal_writer_delay: '10s' } })
    await using deployment = await createDeployment(server.url)
    const trunkline = deployment.open()
    await using witness = await Witness.open(trunkline, { userId: null })
    const sql = postgres(server.url, { max: 1 })
    await sql`create table written as select 0 as n`
    const before = names('before', 100)
    for (const detail of before) await trunkline.publishGlobal({ type: 'event', detail })
    await sql.begin((transaction) => trunkline.publishGlobal({ type: 'event', detail: 'in transaction' }, { transaction }))
    await witness.until('in transaction')
    await sql`insert into written values (1)`
    await sql.end()

    await server.crash()
    await server.restart()

    await eventually('LISTEN to be back', () => trunkline.stats().listener.state === 'listening')
    expect(await deployment.sql`select n from written`).toEqual([{ n: 0 }])
    await publish(trunkline, ['after'])
    await witness.until('after')
    expect(witness.seen).toEqual([...before, 'in transaction', 'after'])
    const { events } = await trunkline.find({ limit: 200 })
    expect(events.map(({ detail }) => detail).toReversed()).toEqual(witness.seen)
  })
})

describe('a sequence that is behind its log', () => {
  test('publishing goes on at new positions, on every road, and the epoch is a new one', async () => {
    await using deployment = await createDeployment(inject('databaseUrl'))
    const { sql, schema } = deployment
    const running = deployment.open()
    const heard: unknown[] = []
    running.subscribe(({ detail }) => heard.push(detail))
    await using witness = await Witness.open(running, { userId: null })
    const before = names('before', 10)
    await publish(running, before)
    await witness.until('before.9')
    const seenBefore = witness.cursor
    const roads = [
      async (detail: string) => {
        const { id, cursor } = await running.publishGlobal({ type: 'event', detail })
        expect((await running.get(id))?.cursor).toBe(cursor)
      },
      (detail: string) => sql.begin((transaction) => running.publishGlobal({ type: 'event', detail }, { transaction })),
      (detail: string) => sql`select ${sql(schema)}.publish('event', to_json(${detail}::text), scope => 'global')`,
      (detail: string) => deployment.open().publishGlobal({ type: 'event', detail }),
    ]

    for (const [number, road] of roads.entries()) {
      const resets = witness.seen.filter((what) => what.startsWith('reset')).length
      await sql`select setval(${`${schema}.log_position`}::text::regclass, 3)`
      await road(`road.${number}`)
      await eventually('a reset', () => witness.seen.filter((what) => what.startsWith('reset')).length > resets)
      await publish(running, [`after.${number}`])
      await witness.until(`after.${number}`)
    }

    const rounds = roads.flatMap((_, number) => ['reset: unknown_epoch', `after.${number}`])
    expect(witness.seen).toEqual([...before, ...rounds])
    await eventually('the backend to have heard the last', () => heard.includes('after.3'))
    expect(heard).toEqual([...before, ...names('after', 4)])
    const { events } = await running.find({ limit: 50 })
    expect(events.map(({ detail }) => detail).toReversed()).toEqual([
      ...before,
      ...roads.flatMap((_, number) => [`road.${number}`, `after.${number}`]),
    ])
    for (const process of [running, deployment.open()]) {
      await using returning = await Witness.open(process, { userId: null, cursor: seenBefore })
      await returning.until('reset: unknown_epoch')
      expect(returning.seen).toEqual(['reset: unknown_epoch'])
    }
  })
})
