import type { NewEvent } from '@trunkline/core'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'

import {
  admin,
  atEnd,
  backend,
  codeOf,
  databaseUrl,
  event,
  failureOf,
  listen,
  killBackends,
  readAll,
  s,
  until,
  urlNamed,
} from './support/deployment.ts'
import { startProxy } from './support/proxy.ts'

const one = backend()
const { store, migrate } = one

beforeAll(() => migrate())

describe('append', () => {
  test('gives positions in the order of the events, one after another', async () => {
    const events = Array.from({ length: 300 }, () => event())
    const placed = await store.append(events, {})
    const [first] = placed
    expect(placed.map(({ position }) => position)).toEqual(events.map((_, index) => (first?.position ?? 0) + index))
    expect(placed.map(({ id }) => id)).toEqual(events.map(({ id }) => id))
  })

  test('keeps text as it was published: escapes, numbers, order of keys, names of any case', async () => {
    const body = String.raw`{"b":1e2,"a":"\u0000 \ud800 é 🐘","snake_key":{"camelKey":0.10},"nul":null}`
    const given = event({
      scope: 'channel',
      channel: 'Räume/7 "x" \\',
      entityId: '42',
      body,
      skipUserIds: ['1', 'é"'],
      privateData: '{"p":1e1}',
      idempotencyKey: 'text-1',
    })
    const [placed] = await store.append([given], {})
    const stored = await store.archive.get(given.id)
    expect(stored).toEqual({ ...given, position: placed?.position, createdAt: expect.any(String) as string })
    expect(stored?.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  test('reads nothing of a log that has become long', async () => {
    const { store: alone } = backend({ poolSize: 1 })
    const read = async () => {
      const { rows } = await admin.query<{ seq: string; written: string }>(
        `select seq_tup_read as seq, n_tup_ins as written from pg_stat_user_tables where relid = '${s}.log'::regclass`,
      )
      return { seq: Number(rows[0]?.seq), written: Number(rows[0]?.written) }
    }
    // Planned for good while the log is short.
    for (let time = 0; time < 10; time++) await alone.append([event()], {})
    for (let time = 0; time < 10; time++)
      await alone.append(
        Array.from({ length: 1_000 }, () => event()),
        {},
      )
    let before = await read()
    const written = async (count: number): Promise<boolean> => {
      await alone.append([event()], {})
      return (await read()).written >= before.written + count
    }
    // The server counts now and then: first all of the above, then only what came after it.
    await until('the counts of the long log', () => written(1))
    before = await read()
    await until('the counts of what came after', () => written(5))
    const after = await read()
    expect((after.seq - before.seq) / (after.written - before.written)).toBeLessThan(100)
  })

  test('gives back whatever text was put in', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 }).filter((value) => value.isWellFormed() && !value.includes('\0'))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ body: text, channel: text }), { minLength: 1, maxLength: 5 }), async (fields) => {
        const given = fields.map(({ body, channel }) => event({ raw: true, body, scope: 'channel', channel }))
        const placed = await store.append(given, {})
        const after = (placed[0]?.position ?? 1) - 1
        const stored = await readAll(one, after)
        expect(stored.map(({ body, channel }) => ({ body, channel }))).toEqual(fields)
      }),
      { numRuns: 30 },
    )
  })

  test('stores all of a call or nothing, and says that nothing was stored', async () => {
    const before = await store.bounds()
    const error = await failureOf(store.append([event(), event({ scope: 'user', userId: null }), event()], {}))
    expect(error).toMatchObject({ code: 'store_refused' })
    expect(await codeOf(store.append([event({ raw: true, body: 'NUL \0' })], {}))).toBe('store_refused')
    expect((await store.bounds()).head).toBe(before.head)
    expect(await store.append([event()], {})).toHaveLength(1)
  })

  test('publishes an idempotency key once, and answers a repeat with the place and id of the first event', async () => {
    const first = event({ idempotencyKey: 'once' })
    const [placed] = await store.append([first], {})
    const repeats = await store.append(
      [event(), event({ idempotencyKey: 'once' }), event({ idempotencyKey: 'twice' }), event({ idempotencyKey: 'twice' })],
      {},
    )
    expect(repeats[1]).toMatchObject({ position: placed?.position, id: first.id, duplicate: true })
    expect(repeats.map(({ duplicate }) => duplicate)).toEqual([false, true, false, true])
    expect(repeats[3]?.position).toBe(repeats[2]?.position)
    expect(repeats[3]?.id).toBe(repeats[2]?.id)
  })

  test('does not write a repeated call twice, and refuses one that comes too late', async () => {
    const json = JSON.stringify([{ id: 'lost-reply', type: 't', scope: 'global', body: '{}', raw: false }])
    const call = (seq: number) => admin.query<{ append: string }>(`select ${s}.append('a-process', $1, $2, true)`, [seq, json])
    const [first, again] = [await call(1), await call(1)]
    expect(again.rows).toEqual(first.rows)
    expect((await admin.query(`select from ${s}.log where id = 'lost-reply'`)).rowCount).toBe(1)
    await call(2)
    await expect(call(1)).rejects.toThrow('came after its append 2')
    expect((await admin.query(`select from ${s}.log where id = 'lost-reply'`)).rowCount).toBe(2)
  })

  test('tries again with the same number when its connection is lost, and writes once', async () => {
    const impatient = backend({ poolSize: 1, url: urlNamed('append-lost') })
    await impatient.store.append([event()], {})
    const given = event()
    const [placed] = await Promise.all([impatient.store.append([given], {}), killBackends('append-lost')])
    expect(placed).toHaveLength(1)
    expect((await admin.query(`select from ${s}.log where id = $1`, [given.id])).rowCount).toBe(1)
  })

  test('writes once however many of its replies are lost without a word', async () => {
    const proxy = await startProxy(databaseUrl)
    atEnd(() => proxy.close())
    const it = backend({ url: proxy.url, poolSize: 1 }, { appendMs: 150 })
    await it.store.bounds()
    const { head } = await store.bounds()
    const given = Array.from({ length: 12 }, () => event())
    for (const [index, next] of given.entries()) {
      if (index % 3 === 0) proxy.loseReplies(1 + (index % 2))
      expect(await it.store.append([next], {})).toMatchObject([{ id: next.id, duplicate: false }])
    }
    expect((await readAll(one, head)).map(({ id }) => id)).toEqual(given.map(({ id }) => id))
  })

  test('refuses to run inside a transaction, where its lock would stop every publisher', async () => {
    const client = await admin.connect()
    await client.query('begin')
    await client.query(`select ${s}.publish('t', scope => 'global')`)
    await expect(client.query(`select ${s}.append('p', 1, '[]', true)`)).rejects.toMatchObject({ code: '25001' })
    await client.query('rollback')
    await client.query('begin isolation level repeatable read')
    await expect(client.query(`select ${s}.append('p', 1, '[]', true)`)).rejects.toThrow('READ COMMITTED')
    await client.query('rollback')
    client.release()
  })

  test('goes on when the sequence fell behind the log, above all that is there, in a new epoch', async () => {
    const { epoch, head } = await store.bounds()
    // A hole, which the sequence would fill next.
    await admin.query(`delete from ${s}.log where position = $1`, [head - 1])
    await admin.query(`select setval('${s}.log_position', $1)`, [head - 2])
    const [placed] = await store.append([event()], {})
    expect(placed?.position).toBe(head + 1)
    const after = await store.bounds()
    expect(after.epoch).not.toBe(epoch)
    await store.append([event()], {})
    expect((await store.bounds()).epoch).toBe(after.epoch)
  })

  test('ends within its deadline when nobody frees the lock', async () => {
    const client = await admin.connect()
    const impatient = backend({}, { appendMs: 200, appendDeadlineMs: 600 })
    await impatient.store.bounds()
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock(7523094288202113377)')
    const given = event()
    expect(await codeOf(impatient.store.append([given], {}))).toBe('store_unavailable')
    await client.query('commit')
    client.release()
    // Attempts that nobody waits for any more write at most once between them.
    await impatient.store.append([event()], {})
    expect((await admin.query(`select from ${s}.log where id = $1`, [given.id])).rowCount).toBeLessThanOrEqual(1)
  })
})

describe('the notification of an append', () => {
  const heard = listen(one)
  /** Appends, and waits for what is said of it. */
  const told = async (
    events: readonly NewEvent[],
    by = store,
  ): Promise<{ payload: string; log: { after: number; last: number; events?: unknown[][] } }> => {
    const placed = await by.append(events, {})
    const last = placed.at(-1)?.position ?? 0
    const find = () => heard.payloads.find((payload) => payload.includes(`"last":${last}`))
    await until('a payload', () => find() !== undefined)
    const payload = find() ?? ''
    return { payload, ...(JSON.parse(payload) as { log: { after: number; last: number } }) }
  }

  beforeAll(() => until('listening', () => heard.listening > 0))

  test('carries the events while they fit 7,999 bytes, counted in bytes and not in characters', async () => {
    const { head } = await store.bounds()
    const given = event({ scope: 'channel', channel: 'c', skipUserIds: ['1'], raw: true, body: 'é"\n', entityId: 'x' })
    const { log } = await told([given])
    expect(log).toMatchObject({ after: head, last: head + 1 })
    expect(log.events).toEqual([[head + 1, given.id, 'test', 'channel', null, 'c', 'x', 'é"\n', true, ['1'], expect.any(String)]])
  })

  test('fills a payload to the last byte, and gives only the range beyond it', async () => {
    const sizeWith = async (body: string): Promise<{ bytes: number; inline: boolean }> => {
      const { payload } = await told([event({ raw: true, body })])
      return { bytes: Buffer.byteLength(payload), inline: payload.includes('"events"') }
    }
    const { bytes } = await sizeWith('')
    const room = 7_999 - bytes
    expect(await sizeWith('x'.repeat(room))).toEqual({ bytes: 7_999, inline: true })
    expect((await sizeWith('x'.repeat(room + 1))).inline).toBe(false)
    expect((await sizeWith('é'.repeat(room / 2 + 1))).inline).toBe(false)
    expect((await sizeWith('é'.repeat(Math.floor(room / 2)))).inline).toBe(true)
    // Short on its own, long once it is escaped.
    expect((await sizeWith('"'.repeat(room - 100))).inline).toBe(false)
  })

  test('carries no event when details are not to be notified', async () => {
    const discreet = backend({ detailInNotify: false })
    expect((await told([event()], discreet.store)).log.events).toBeUndefined()
  })

  test('is not sent when everything was published before', async () => {
    await told([event({ idempotencyKey: 'quiet' })])
    heard.payloads.length = 0
    await store.append([event({ idempotencyKey: 'quiet' })], {})
    await told([event()])
    expect(heard.payloads).toHaveLength(1)
  })
})
