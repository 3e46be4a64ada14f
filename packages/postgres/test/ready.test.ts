import { afterAll, describe, expect, test } from 'vitest'
import postgresJs from 'postgres'

import { postgres } from '../src/index.ts'
import {
  admin,
  atEnd,
  backend,
  codeOf,
  databaseUrl,
  event,
  failureOf,
  inTransaction,
  listen,
  schema,
  through,
  until,
  urlNamed,
} from './support/deployment.ts'

const { hostname, port } = new URL(databaseUrl)

describe('options', () => {
  test('without a database are refused at once, naming what to set', () => {
    expect(() => postgres({ url: undefined })).toThrow(
      expect.objectContaining({ code: 'invalid_options', message: expect.stringContaining('DATABASE_URL') as string }),
    )
    expect(() => postgres({ url: '' })).toThrow('DATABASE_URL')
  })

  test.each([
    [{ url: 'localhost:5432' }, 'url is not a PostgreSQL URL'],
    [{ url: 'mysql://root:secret@localhost/x' }, 'postgres://'],
    [{ url: 'postgres://user:sec%ret@localhost/x' }, 'percent-encoded'],
    [{ url: databaseUrl, listenUrl: 'http://localhost' }, 'listenUrl is not a PostgreSQL URL'],
    [{ url: databaseUrl, poolSize: 0 }, 'poolSize'],
    [{ url: databaseUrl, schema: 'x'.repeat(64) }, 'schema'],
    [{ url: databaseUrl, migrate: 'yes' as unknown as boolean }, 'migrate must be true or false'],
    [{ url: databaseUrl, scheme: 'typo' } as never, '`scheme` is no option of it, those are url, listenUrl, sql, schema,'],
    [{ sql: {} as never }, 'must be a postgres.js instance'],
  ])('%j are refused', (options, message) => {
    const error = (() => {
      try {
        postgres(options)
      } catch (thrown) {
        return thrown as Error & { code: string }
      }
      throw new Error('They were taken.')
    })()
    expect(error.code).toBe('invalid_options')
    expect(error.message).toContain(message)
    expect(error.message).not.toMatch(/secret|sec%ret/)
  })

  test('open no connection by themselves', async () => {
    postgres({ url: urlNamed('nothing') })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(
      (await admin.query('select from pg_stat_activity where application_name = $1', [`nothing-${schema.slice(5)}`])).rowCount,
    ).toBe(0)
  })
})

describe('a database that cannot be used', () => {
  test('that is not there is named, without the password, and every call ends', async () => {
    const { store, notifier, migrate } = backend({ url: 'postgres://me:secret@127.0.0.1:1/db' }, { appendDeadlineMs: 300 })
    const calls = [
      () => store.bounds(),
      () => store.append([event()], {}),
      () => notifier.notify('x'),
      () => migrate(),
      () => store.archive.get('x'),
      () => store.prune({ keep: 1, limit: 1 }),
    ]
    for (const call of calls) {
      const error = await failureOf(call())
      expect(error).toMatchObject({ code: 'store_unavailable' })
      expect(error.message).toContain('127.0.0.1:1, database "db", role "me"')
      expect(error.message).toContain('Check that the server runs')
      expect(error.message).not.toContain('secret')
    }
  })

  test('refuses a wrong password or database at once, in words', async () => {
    const url = new URL(databaseUrl)
    url.pathname = '/no-such-database'
    const started = performance.now()
    expect((await failureOf(backend({ url: url.href }).store.append([event()], {}))).message).toContain('does not exist')
    const login = await failureOf(
      backend({ url: `postgres://nobody:secret@${hostname}:${port}/postgres` }).store.append([event()], {}),
    )
    expect(login.message).toMatch(/login|role "nobody" does not exist/)
    expect(login.message).not.toContain('secret')
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  test('tells the listener once, and the listener goes on', async () => {
    const heard = listen(backend({ schema: `${schema} late` }, { relistenMs: [10, 50], sweepMs: 50 }))
    await until('an error', () => heard.errors.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(heard.errors.map((error) => (error as { code?: string }).code)).toEqual(heard.errors.map(() => 'not_migrated'))
    expect(heard.errors.length).toBeLessThanOrEqual(2)
    atEnd(() => admin.query(`drop schema if exists "${schema} late" cascade`))
    await backend({ schema: `${schema} late` }).migrate()
    await until('listening', () => heard.listening > 0)
  })

  test('whose role runs at another isolation level is refused where that cannot be set for the connection', async () => {
    const role = `serial ${crypto.randomUUID().slice(0, 8)}`
    await admin.query(
      `create role "${role}" superuser login password 'x'; alter role "${role}" set default_transaction_isolation = 'serializable'`,
    )
    atEnd(() => admin.query(`drop role "${role}"`))
    const url = databaseUrl.replace(/\/\/.*@/, `//${encodeURIComponent(role)}:x@`)
    const own = `${schema} serial`
    atEnd(() => admin.query(`drop schema if exists "${own}" cascade`))
    // A direct connection is simply made with the right level.
    expect(await backend({ url, schema: own, migrate: true }).store.append([event()], {})).toHaveLength(1)
    const sql = postgresJs(url, { max: 1, onnotice: () => {} })
    atEnd(() => sql.end({ timeout: 0 }))
    const error = await failureOf(backend({ sql, schema: own }).store.bounds())
    expect(error).toMatchObject({ code: 'invalid_options' })
    expect(error.message).toContain('ALTER ROLE')
  })
})

describe('an instance of the caller', () => {
  const own = `${schema} instance`
  const camel = postgresJs(databaseUrl, {
    max: 3,
    transform: postgresJs.camel,
    types: { bigint: postgresJs.BigInt },
    fetch_types: false,
    onnotice: () => {},
  })
  afterAll(async () => {
    await camel.end({ timeout: 0 })
    await admin.query(`drop schema if exists "${own}" cascade`)
  })

  test('with camel, bigint and fetch_types: false does everything, and stays open', async () => {
    const it = backend({ sql: camel, schema: own, migrate: true })
    const heard = listen(it)
    await until('listening', () => heard.listening > 0)
    const given = event({ body: '{"snake_key":1e2}', userId: '7', scope: 'user', privateData: '{"a_b":1}' })
    const [placed] = await it.store.append([given], {})
    expect(placed).toMatchObject({ position: 1, duplicate: false })
    const page = await it.store.read({
      after: 0,
      audience: { userId: '7', channels: [] },
      limit: 10,
      signal: new AbortController().signal,
    })
    expect(page.events).toMatchObject([{ body: '{"snake_key":1e2}', privateData: '{"a_b":1}', userId: '7', position: 1 }])
    expect(await it.store.archive.find({ userId: '7', limit: 1 })).toMatchObject({ events: [{ id: given.id }] })
    await until('the payload', () => heard.payloads.some((payload) => payload.includes(given.id)))
    const inside = event()
    await camel.begin((tx) => it.store.append([inside], { transaction: tx }))
    await until('the event of the transaction', () => heard.payloads.some((payload) => payload.includes(inside.id)))
    expect(await it.store.prune({ keep: 0, limit: 10 })).toBe(2)
    await heard.stop()
    await it.store.close?.()
    expect(await camel`select 1 as still_there`).toEqual([{ stillThere: 1 }])
  })

  test('that would change text or names is refused with the reason', () => {
    const refused = (options: Parameters<typeof postgresJs>[1]) => {
      try {
        postgres({ sql: postgresJs(databaseUrl, options) })
      } catch (error) {
        return (error as Error).message
      }
      return 'taken'
    }
    expect(refused({ transform: postgresJs.pascal })).toContain('renames the column position to Position')
    expect(
      refused({
        transform: { value: { from: (value: unknown) => (typeof value === 'string' ? value.trim().toUpperCase() : value) } },
      }),
    ).toContain('changes text values')
    expect(refused({ transform: { row: { from: (row) => row } } })).toContain('replaces whole rows')
    expect(
      refused({
        types: { text: { to: 25, from: [25], serialize: (value: string) => `${value}!`, parse: (value: string) => value } },
      }),
    ).toContain('serialize text')
    expect(refused({ transform: postgresJs.camel })).toBe('taken')
    expect(refused({ transform: postgresJs.kebab })).toBe('taken')
  })

  test('whose statement is stuck ends it for the caller', async () => {
    const single = postgresJs(databaseUrl, { max: 1, onnotice: () => {} })
    atEnd(() => single.end({ timeout: 0 }))
    const it = backend({ sql: single, schema: own }, { queryMs: 300 })
    await it.store.bounds()
    // The pool's one connection is the transaction's: a statement of ours waits for it in vain.
    await single.begin(async () => {
      expect(await codeOf(it.store.bounds())).toBe('store_unavailable')
    })
    await until('the pool again', async () => it.store.bounds().then(Boolean, () => false))
  })
})

describe('the pool', () => {
  const own = `${schema} pool`
  afterAll(() => admin.query(`drop schema if exists "${own}" cascade`))

  test('ends what outlives its time, replaces the lane, and lets others through', async () => {
    const it = backend({ schema: own, migrate: true, poolSize: 2, url: urlNamed('stuck') }, { queryMs: 300 })
    await it.store.bounds()
    await inTransaction(async (client) => {
      await client.query(`lock table "${own}".meta in access exclusive mode`)
      const stuck = await Promise.all(Array.from({ length: 5 }, () => codeOf(it.store.bounds())))
      expect(stuck).toEqual(Array.from({ length: 5 }, () => 'store_unavailable'))
    })
    expect(await it.store.bounds()).toMatchObject({ head: 0 })
    const { rowCount } = await admin.query(`select from pg_stat_activity where application_name = $1`, [
      `stuck-${schema.slice(5)}`,
    ])
    expect(rowCount).toBeLessThanOrEqual(2 + 5)
  })

  test('refuses more callers than may wait', async () => {
    const it = backend({ schema: own, migrate: true, poolSize: 1 })
    await it.store.bounds()
    const calls = await Promise.allSettled(Array.from({ length: 1_100 }, () => it.store.bounds()))
    const refused = calls.flatMap((call) => (call.status === 'rejected' ? [(call.reason as { code: string }).code] : []))
    expect(new Set(refused)).toEqual(new Set(['overloaded']))
    expect(calls.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1_000)
  })

  test('works without prepared statements and startup parameters when url is a pooler', async () => {
    const it = backend({ schema: own, migrate: true, url: urlNamed('pooled'), listenUrl: databaseUrl })
    expect(await it.store.append([event()], {})).toHaveLength(1)
    const given = event()
    await inTransaction((client) => it.store.append([given], { transaction: through(client) }))
    await until('the event', async () => (await it.store.archive.get(given.id)) !== null)
  })

  test('refuses calls after close, and lets those before it end', async () => {
    const it = backend({ schema: own, migrate: true })
    await it.store.bounds()
    const last = it.store.append([event()], {})
    await it.store.close?.()
    expect(await last).toHaveLength(1)
    expect(await codeOf(it.store.bounds())).toBe('stopped')
    expect(await codeOf(it.store.append([event()], {}))).toBe('stopped')
    await it.store.close?.()
  })
})
