import { beforeAll, describe, expect, test } from 'vitest'

import { admin, atEnd, backend, event, readAll, s, schema } from './support/deployment.ts'

const one = backend()
const { store } = one
const never = new AbortController().signal
const nobody = { userId: null, channels: [] } as const

beforeAll(() => one.migrate())

describe('read', () => {
  test('gives an audience its events in log order, and says how far it looked', async () => {
    await store.append(
      [
        event({ type: 'g1' }),
        event({ type: 'u7', scope: 'user', userId: '7' }),
        event({ type: 'u8', scope: 'user', userId: '8' }),
        event({ type: 's', scope: 'system', userId: '7' }),
        event({ type: 'ca', scope: 'channel', channel: 'a' }),
        event({ type: 'cb', scope: 'channel', channel: 'b' }),
        event({ type: 'g2' }),
        event({ type: 'u8-last', scope: 'user', userId: '8' }),
      ],
      {},
    )
    const typesFor = async (audience: Parameters<typeof store.read>[0]['audience'], limit = 100) => {
      const page = await store.read({ after: 0, audience, limit, signal: never })
      return { types: page.events.map(({ type }) => type).join(' '), through: page.through, head: page.head }
    }
    const { head } = await store.bounds()
    expect(await typesFor(nobody)).toEqual({ types: 'g1 g2', through: head, head })
    expect(await typesFor({ userId: '7', channels: ['a', 'a', 'none'] })).toEqual({ types: 'g1 u7 ca g2', through: head, head })
    expect(await typesFor({ userId: '7', channels: ['a'] }, 2)).toEqual({ types: 'g1 u7', through: 2, head })
    expect(await typesFor('everything')).toEqual({ types: 'g1 u7 u8 s ca cb g2 u8-last', through: head, head })
    expect(await typesFor('everything', 3)).toEqual({ types: 'g1 u7 u8', through: 3, head })
    // A user whose id looks like a channel is not one.
    expect(await typesFor({ userId: 'c:a', channels: ['u:7'] })).toEqual({ types: 'g1 g2', through: head, head })
  })

  test('gives the tag of what stands at the place it starts from', async () => {
    const [first] = await readAll(one)
    const { head } = await store.bounds()
    const tagAt = async (after: number) => (await store.read({ after, audience: nobody, limit: 1, signal: never })).tag
    expect(await tagAt(0)).toBeNull()
    expect(await tagAt(first?.position ?? 0)).toBe(first?.id.slice(-6))
    expect(await tagAt(head + 1)).toBeNull()
    expect((await store.read({ after: head + 5, audience: nobody, limit: 1, signal: never })).through).toBe(head + 5)
  })

  test('bounds a page by bytes, with at least one event on it', async () => {
    const { head } = await store.bounds()
    const body = JSON.stringify('x'.repeat(100_000))
    await store.append(
      Array.from({ length: 5 }, () => event({ body })),
      {},
    )
    const page = await store.read({ after: head, audience: nobody, limit: 100, signal: never })
    expect(page.events).toHaveLength(3)
    expect(page.through).toBe(page.events.at(-1)?.position)
    await store.append([event({ body: JSON.stringify('x'.repeat(500_000)) })], {})
    const last = await store.read({ after: head + 5, audience: nobody, limit: 100, signal: never })
    expect(last.events).toHaveLength(1)
    expect(last.through).toBe(last.head)
  })

  test('ends when its signal is aborted', async () => {
    await expect(
      store.read({ after: 0, audience: nobody, limit: 1, signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough')
    const client = await admin.connect()
    await client.query('begin')
    await client.query(`lock table ${s}.log in access exclusive mode`)
    await expect(store.read({ after: 0, audience: nobody, limit: 1, signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout')
    await client.query('rollback')
    client.release()
  })

  test('walks along an index for an audience that holds much of a large log, instead of sorting all of it', async () => {
    const name = `${schema} large`
    const large = backend({ schema: name, migrate: true })
    await large.store.bounds()
    atEnd(() => admin.query(`drop schema if exists "${name}" cascade`))
    await admin.query(`
      insert into "${name}".log (id, type, scope, audience, channel, body, raw, created_at)
      select 'id-' || i, 't', 'channel', case when i % 3 = 0 then 'c:big' else 'c:' || i end, 'x', '{}', false, now() from generate_series(1, 60000) i`)
    await admin.query(`analyze "${name}".log`)
    const channels = ['big', ...Array.from({ length: 50 }, (_, index) => String(index))]
    const page = await large.store.read({ after: 0, audience: { userId: null, channels }, limit: 100, signal: never })
    expect(page.events).toHaveLength(100)
    const touched = async (text: string) => {
      const { rows } = await admin.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
        `explain (analyze, buffers, format json) ${text}`,
      )
      const plan = rows[0]?.['QUERY PLAN'][0].Plan
      return (plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0)
    }
    const keys = JSON.stringify(channels.map((channel) => `c:${channel}`))
    // 20,000 rows are for this audience; a plan that collects them touches hundreds of blocks.
    expect(await touched(`select "${name}".next_positions('${keys}', 0, 100)`)).toBeLessThan(600)
    expect(await touched(`select "${name}".next_positions('["c:big"]', 30000, 100)`)).toBeLessThan(60)
  })
})
