import { afterEach, beforeAll, describe, expect, test } from 'vitest'

import {
  admin,
  atEnd,
  backend,
  databaseUrl,
  event,
  killBackends,
  listen,
  s,
  schema,
  until,
  urlNamed,
} from './support/deployment.ts'
import { type Proxy, startProxy } from './support/proxy.ts'

const one = backend()
beforeAll(() => one.migrate())

describe('listening', () => {
  test('hears what any process says, in order, and says first that it listens', async () => {
    const heard = listen(backend())
    await until('listening', () => heard.listening === 1)
    for (let index = 0; index < 20; index++) await one.notifier.notify(String(index))
    await until('all of it', () => heard.payloads.length === 20)
    expect(heard.payloads).toEqual(Array.from({ length: 20 }, (_, index) => String(index)))
    expect(heard.errors).toEqual([])
    expect(heard.listening).toBe(1)
  })

  test('hears nothing more once it is stopped, and may be stopped twice', async () => {
    const heard = listen(backend())
    await until('listening', () => heard.listening === 1)
    await heard.stop()
    await heard.stop()
    await one.notifier.notify('after')
    await one.store.append([event()], {})
    expect(heard.payloads).toEqual([])
  })

  test('comes back at once each time its backend is killed, as soon after the last time as after the first', async () => {
    const heard = listen(backend({ listenUrl: urlNamed('ears'), url: databaseUrl }))
    await until('listening', () => heard.listening === 1)
    for (let kill = 1; kill <= 10; kill++) {
      expect(await killBackends('ears')).toBe(1)
      await until('listening again', () => heard.listening === kill + 1, 1_000)
      await one.notifier.notify(`after kill ${kill}`)
      await until('a payload', () => heard.payloads.includes(`after kill ${kill}`), 1_000)
    }
    expect(heard.errors).toHaveLength(10)
    expect(heard.errors[0]).toMatchObject({ code: 'listen_failed' })
  })

  test('refuses a payload that does not fit, and takes one that does to the last byte', async () => {
    const heard = listen(backend())
    await until('listening', () => heard.listening === 1)
    await one.notifier.notify('é'.repeat(3_999) + 'x')
    await until('the payload', () => heard.payloads.length === 1)
    await expect(one.notifier.notify('é'.repeat(4_000))).rejects.toMatchObject({ code: 'store_refused' })
  })

  test('finds the new channel when the log was made anew', async () => {
    const own = `${schema} anew`
    atEnd(() => admin.query(`drop schema if exists "${own}" cascade`))
    const it = backend({ schema: own, migrate: true }, { probeAfterMs: 100, probeAnswerMs: 200 })
    const heard = listen(it)
    await until('listening', () => heard.listening === 1)
    await admin.query(`drop schema "${own}" cascade`)
    await it.migrate()
    await until('listening again', () => heard.listening >= 2)
    const given = event()
    await it.store.append([given], {})
    await until('the event', () => heard.payloads.some((payload) => payload.includes(given.id)))
  })
})

describe('a listener through a proxy', () => {
  let through: Proxy | undefined
  afterEach(() => through?.close())

  test('notices a connection that went deaf without an error, says so, and replaces it', async () => {
    through = await startProxy(databaseUrl)
    const it = backend({ listenUrl: through.url, url: databaseUrl }, { probeAfterMs: 100, probeAnswerMs: 300 })
    const heard = listen(it)
    await until('listening', () => heard.listening === 1)
    through.freeze()
    await until('listening again', () => heard.listening === 2)
    expect(heard.errors).toMatchObject([{ code: 'listen_deaf' }])
    expect((heard.errors[0] as Error).message).toContain('listenUrl')
    await it.notifier.notify('heard')
    await until('the payload', () => heard.payloads.includes('heard'))
  })

  test('is back soon after a long outage, which it reported once', async () => {
    through = await startProxy(databaseUrl)
    const it = backend({ url: through.url }, { relistenMs: [50, 60_000], sweepMs: 100 })
    const heard = listen(it)
    await until('listening', () => heard.listening === 1)
    await through.close()
    // Long enough for the pauses to have grown past the second that it may take to come back.
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    await through.open()
    await until('listening again', () => heard.listening >= 2, 1_500)
    const codes = heard.errors.map((error) => (error as { code?: string }).code)
    expect(codes.length).toBeLessThanOrEqual(2)
    expect(codes[0]).toMatch(/listen_failed|store_unavailable/)
    expect(await it.store.append([event()], {})).toHaveLength(1)
  })
})

test('a process that listens takes one connection beside its pool', async () => {
  const name = `count-${schema.slice(5)}`
  const it = backend({ url: urlNamed('count'), poolSize: 2 })
  const heard = listen(it)
  await until('listening', () => heard.listening === 1)
  await Promise.all(Array.from({ length: 40 }, () => it.store.bounds()))
  const { rowCount } = await admin.query('select from pg_stat_activity where application_name = $1', [name])
  expect(rowCount).toBe(3)
  expect((await admin.query(`select from ${s}.meta`)).rowCount).toBe(1)
})
