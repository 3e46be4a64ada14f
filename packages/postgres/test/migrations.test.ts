import { describe, expect, test } from 'vitest'

import { migrationSql } from '../src/index.ts'
import {
  admin,
  atEnd,
  backend,
  codeOf,
  databaseUrl,
  event,
  failureOf,
  listen,
  readAll,
  s,
  schema,
  until,
} from './support/deployment.ts'

const role = `role ${crypto.randomUUID().slice(0, 8)}`
const roleUrl = databaseUrl.replace(/\/\/.*@/, `//${encodeURIComponent(role)}:secret@`)

describe('migrations', () => {
  test('are asked for, with both ways to run them, when the schema is not there', async () => {
    const error = await failureOf(backend().store.bounds())
    expect(error).toMatchObject({ code: 'not_migrated' })
    expect(error.message).toContain('migrate: true')
    expect(error.message).toContain('npx trunkline migrate, or await postgres({ url }).migrate()')
  })

  test('run once when several processes start together', async () => {
    const applied = await Promise.all(Array.from({ length: 6 }, () => backend().migrate()))
    expect(applied.filter((result) => result.applied.length > 0)).toEqual([{ applied: ['0001-log', '0002-search'] }])
  })

  test('leave a current schema alone: no lock is taken while someone reads', async () => {
    const client = await admin.connect()
    await client.query('begin')
    await client.query(`lock table ${s}.log, ${s}.outbox in access share mode`)
    expect(await backend().migrate()).toEqual({ applied: [] })
    await client.query('rollback')
    client.release()
  })

  test('run by themselves at the first use with migrate: true', async () => {
    const other = `${schema} own`
    atEnd(() => admin.query(`drop schema if exists "${other}" cascade`))
    const { store } = backend({ schema: other, migrate: true })
    expect(await store.bounds()).toMatchObject({ floor: 0, head: 0 })
  })

  test('are found missing again, and run, when the schema was dropped under a running process', async () => {
    const other = `${schema} dropped`
    atEnd(() => admin.query(`drop schema if exists "${other}" cascade`))
    const { store } = backend({ schema: other, migrate: true })
    const { epoch } = await store.bounds()
    await admin.query(`drop schema "${other}" cascade`)
    expect(await codeOf(store.bounds())).toBe('not_migrated')
    expect((await store.bounds()).epoch).not.toBe(epoch)
  })

  test('work in schemas with awkward names', async () => {
    const other = `${schema.slice(5)} "quoted" 'too' ü`
    atEnd(() => admin.query(`drop schema if exists "${other.replaceAll('"', '""')}" cascade`))
    const { store } = backend({ schema: other, migrate: true })
    expect(await store.append([event()], {})).toMatchObject([{ position: 1 }])
    expect(await store.prune({ keep: 0, limit: 10 })).toBe(1)
  })
})

describe('a runtime role', () => {
  test('is told its name and what it lacks before anything else fails', async () => {
    await admin.query(`create role "${role}" login password 'secret'`)
    atEnd(() => admin.query(`drop owned by "${role}"; drop role "${role}"`))
    const error = await failureOf(backend({ url: roleUrl, migrate: true }).store.append([event()], {}))
    expect(error).toMatchObject({ code: 'permission_denied' })
    expect(error.message).toContain(`"${role}"`)
    expect(error.message).toContain('migrationSql({ runtimeRole:')
    expect(error.message).not.toContain('secret')
  })

  test('can do everything that is needed after the printed SQL was run, twice', async () => {
    const sql = migrationSql({ schema, runtimeRole: role })
    await admin.query(sql)
    await admin.query(sql)
    const app = backend({ url: roleUrl, migrate: true })
    const heard = listen(app)
    await until('listening', () => heard.listening > 0)
    const given = event()
    await app.store.append([given], {})
    await until('the event', () => heard.payloads.some((payload) => payload.includes(given.id)))
    expect(await app.store.archive.get(given.id)).toMatchObject({ id: given.id })
    expect((await app.store.archive.find({ text: '{', limit: 1 })).events).toHaveLength(1)
    const client = await admin.connect()
    await client.query(`set session authorization "${role}"`)
    await client.query('begin')
    const inside = event()
    await app.store.append([inside], { transaction: (text, parameters) => client.query(text, [...parameters]) })
    await client.query(`select ${s}.publish('from_sql', scope => 'global')`)
    await client.query('commit')
    await client.query('reset session authorization')
    client.release()
    await until('both events', async () => {
      const types = (await readAll(app)).map(({ id, type }) => (id === inside.id ? 'inside' : type))
      return types.includes('inside') && types.includes('from_sql')
    })
    await app.notifier.notify('"hello"')
    expect(await app.store.prune({ keep: 1, limit: 10 })).toBeGreaterThan(0)
    expect(await app.migrate()).toEqual({ applied: [] })
    expect(heard.errors).toEqual([])
  })

  test('cannot touch the log, the inner functions or the epoch', async () => {
    const client = await admin.connect()
    await client.query(`set session authorization "${role}"`)
    const denied = [
      `select from ${s}.log`,
      `insert into ${s}.log (id, type, scope, audience, body, raw, created_at) values ('x', 't', 'global', 'g', '{}', false, now())`,
      `delete from ${s}.log`,
      `update ${s}.meta set floor = 5`,
      `insert into ${s}.events (id) values ('x')`,
      `select from ${s}.outbox`,
      `select ${s}.write('{}', true)`,
      `select ${s}.take(null, 1)`,
      `select ${s}.lock_log()`,
      `select ${s}.new_epoch()`,
      `select nextval('${s}.log_position')`,
    ]
    for (const statement of denied) expect([statement, await codeOf(client.query(statement))]).toEqual([statement, '42501'])
    await client.query('reset session authorization')
    client.release()
  })
})

describe('printed SQL', () => {
  test('holds only later steps when a version is given, and refuses names that PostgreSQL would change', () => {
    expect(migrationSql({ from: 1 })).not.toContain('create table')
    expect(() => migrationSql({ schema: 'x'.repeat(64) })).toThrow('1 to 63 bytes')
    expect(() => migrationSql({ schema: '' })).toThrow('schema')
    expect(() => migrationSql({ schema: 'pg_mine' })).toThrow('pg_')
    expect(() => migrationSql({ schema: 'a$b' })).toThrow('$')
    expect(() => migrationSql({ runtimeRole: 'a\0b' })).toThrow('runtimeRole')
  })
})
