import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely'
import postgresJs from 'postgres'
import { beforeAll, describe, expect, test } from 'vitest'

import type { PostgresTransaction } from '../src/index.ts'
import {
  admin,
  atEnd,
  backend,
  codeOf,
  databaseUrl,
  event,
  failureOf,
  inTransaction,
  readAll,
  s,
  through,
  until,
} from './support/deployment.ts'

const one = backend()
const { store } = one
const camel = postgresJs(databaseUrl, {
  max: 2,
  transform: postgresJs.camel,
  types: { bigint: postgresJs.BigInt },
  fetch_types: false,
  onnotice: () => {},
})
const kysely = new Kysely<Record<string, never>>({
  dialect: new PostgresDialect({ pool: admin }),
  plugins: [new CamelCasePlugin()],
})

beforeAll(() => one.migrate())
atEnd(() => camel.end({ timeout: 0 }))

const awkward = {
  body: String.raw`{"snake_key":1e2,"a":"\u0000 \ud800 é"}`,
  privateData: '{"b_c":1.0}',
  skipUserIds: ['1'],
  scope: 'channel',
  channel: 'a_b',
} as const

const waitFor = (id: string) => until(`event ${id}`, async () => (await store.archive.get(id)) !== null)

/** Every way to have a transaction: each runs `work` in one and commits, or rolls back when it throws. */
const ways: Readonly<Record<string, (work: (transaction: PostgresTransaction) => Promise<unknown>) => Promise<unknown>>> = {
  'a Kysely transaction with CamelCasePlugin': (work) => kysely.transaction().execute((trx) => work(trx)),
  'a controlled Kysely transaction': async (work) => {
    const trx = await kysely.startTransaction().execute()
    try {
      await work(trx)
    } catch (error) {
      await trx.rollback().execute()
      throw error
    }
    await trx.commit().execute()
  },
  'a postgres.js transaction with camel and bigint': (work) => camel.begin((tx) => work(tx)),
  'a postgres.js savepoint': (work) => camel.begin((tx) => tx.savepoint((point) => work(point))),
  'a serializable postgres.js transaction': (work) => camel.begin('isolation level serializable', (tx) => work(tx)),
  'node-postgres': (work) => inTransaction((client) => work(through(client))),
  'a function that gives rows alone': (work) =>
    inTransaction((client) => work(async (sql, parameters) => (await client.query(sql, [...parameters])).rows)),
  'a function that gives a count alone': (work) =>
    inTransaction((client) => work(async (sql, parameters) => (await client.query(sql, [...parameters])).rowCount)),
}

describe.each(Object.entries(ways))('publishing in %s', (_name, run) => {
  test('stores the same text when it commits, and nothing when it rolls back', async () => {
    const sweeping = one.notifier.listen({ onPayload() {}, onListening() {}, onError() {} })
    const given = event(awkward)
    const lost = event()
    await run(async (transaction) => {
      expect(await store.append([given, event({ idempotencyKey: `key of ${given.id}` })], { transaction })).toEqual([
        { position: null, id: given.id, duplicate: false },
        { position: null, id: expect.any(String) as string, duplicate: null },
      ])
      expect(await store.archive.get(given.id)).toBeNull()
    })
    await run(async (transaction) => {
      await store.append([lost], { transaction })
      throw new Error('roll back')
    }).catch(() => {})
    await waitFor(given.id)
    expect(await store.archive.get(given.id)).toMatchObject(awkward)
    await sweeping()
    await one.store.append([event({ id: 'marker' })], {})
    expect(await store.archive.get(lost.id)).toBeNull()
    expect((await admin.query(`select from ${s}.outbox`)).rowCount).toBe(0)
  })
})

describe('a transaction', () => {
  test('is refused, with what to pass instead, when it is not one', async () => {
    const reserved = await camel.reserve()
    const client = await admin.connect()
    const wrong: Readonly<Record<string, unknown>> = {
      'a Kysely that is not in a transaction': kysely,
      'a postgres.js instance that is not in a transaction': camel,
      'a reserved connection of postgres.js': reserved,
      'an object of class Client': client,
      'an object': {},
      null: null,
      'a string': 'begin',
    }
    for (const [what, transaction] of Object.entries(wrong)) {
      const error = await failureOf(store.append([event()], { transaction: transaction as PostgresTransaction }))
      expect(error).toMatchObject({ code: 'invalid_transaction' })
      expect(error.message).toContain(what)
      expect(error.message).toContain('client.query(sql, [...parameters])')
    }
    reserved.release()
    client.release()
  })

  test('of a function that forgets to return its query is refused', async () => {
    const forgetful = (() => {}) as unknown as PostgresTransaction
    expect(await failureOf(store.append([event()], { transaction: forgetful }))).toMatchObject({
      code: 'invalid_transaction',
      message: 'The function passed as transaction must return the promise of its query, got undefined. Is a return missing?',
    })
  })

  test('that is over says so', async () => {
    const { trx } = await kysely.transaction().execute(async (transaction) => ({ trx: transaction }))
    const failure = await failureOf(store.append([event()], { transaction: trx }))
    expect(['invalid_transaction', 'store_refused', 'store_unavailable']).toContain(failure.code)
  })

  test('gets its INSERT in the tick of the call, before anything is awaited', () => {
    let sent = 0
    void store.append([event()], {
      transaction: async () => {
        sent++
        return []
      },
    })
    expect(sent).toBe(1)
  })

  test('sees what is wrong with an event at the INSERT, not at the COMMIT', async () => {
    const wrong = [
      event({ id: 'not a safe id' }),
      event({ type: 'x'.repeat(256) }),
      event({ scope: 'user' }),
      event({ scope: 'channel', channel: 'c', userId: '1' }),
      event({ scope: 'nobody' as 'user' }),
      event({ body: 'no JSON' }),
      event({ privateData: 'no JSON' }),
      event({ idempotencyKey: '' }),
      event({ userId: 'x'.repeat(4_000), scope: 'user' }),
      event({ raw: true, body: 'NUL \0' }),
    ]
    for (const given of wrong) {
      expect(await codeOf(inTransaction((client) => store.append([given], { transaction: through(client) })))).toBe(
        'store_refused',
      )
    }
  })

  test('that publishes a key twice, or one that is taken, commits at every isolation level', async () => {
    for (const level of ['read committed', 'repeatable read', 'serializable']) {
      const key = `key at ${level}`
      const last = event()
      await inTransaction(
        (client) =>
          store.append([event({ idempotencyKey: key }), event({ idempotencyKey: key })], { transaction: through(client) }),
        `begin isolation level ${level}`,
      )
      await inTransaction(
        (client) => store.append([event({ idempotencyKey: key }), last], { transaction: through(client) }),
        `begin isolation level ${level}`,
      )
      await waitFor(last.id)
      expect((await admin.query(`select from ${s}.log where key = $1`, [key])).rowCount).toBe(1)
    }
  })

  test('that stays open delays nobody', async () => {
    await inTransaction(async (client) => {
      await store.append([event()], { transaction: through(client) })
      const started = performance.now()
      await store.append([event()], {})
      const other = event()
      await inTransaction((another) => store.append([other], { transaction: through(another) }))
      await waitFor(other.id)
      expect(performance.now() - started).toBeLessThan(1_000)
    })
  })

  test('of many events comes in batches, in its own order', async () => {
    const { head } = await store.bounds()
    const events = Array.from({ length: 2_500 }, (_, index) => event({ type: 'many', body: String(index) }))
    await inTransaction((client) => store.append(events, { transaction: through(client) }))
    await waitFor(events.at(-1)?.id ?? '')
    const bodies = (await readAll(one, head)).filter(({ type }) => type === 'many').map(({ body }) => Number(body))
    expect(bodies).toEqual(events.map((_, index) => index))
  })

  test('is relayed when the process closes right after its commit', async () => {
    const brief = backend()
    const given = event()
    await brief.store.bounds()
    await inTransaction((client) => brief.store.append([given], { transaction: through(client) }))
    await brief.store.close?.()
    expect((await admin.query(`select from ${s}.log where id = $1`, [given.id])).rowCount).toBe(1)
  })

  test('of a process that died is swept by whoever listens, within about a second', async () => {
    const given = event()
    const insert = `insert into ${s}.outbox (id, type, scope, body, raw) values ($1, 't', 'global', '{}', false)`
    const stop = backend().notifier.listen({ onPayload() {}, onListening() {}, onError() {} })
    await admin.query(insert, [given.id])
    const started = performance.now()
    await waitFor(given.id)
    expect(performance.now() - started).toBeLessThan(2_000)
    await stop()
  })
})
