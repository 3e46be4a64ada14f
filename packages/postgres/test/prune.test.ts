import { beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { admin, backend, event, readAll, s } from './support/deployment.ts'

const one = backend()
const { store } = one
const never = new AbortController().signal

beforeAll(() => one.migrate())
beforeEach(async () => {
  await store.prune({ keep: 0, limit: 10_000 })
  await store.append(
    Array.from({ length: 10 }, (_, index) => event({ id: `event-${index}` })),
    {},
  )
})

const ids = async () => (await readAll(one, (await store.bounds()).floor)).map(({ id }) => id.slice(6)).join('')
const age = (id: string, hours: number) =>
  admin.query(`update ${s}.log set created_at = now() - $2 * interval '1 hour' where id = $1`, [`event-${id}`, hours])
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()

describe('prune', () => {
  test('keeps the newest by count, with holes in the positions', async () => {
    await admin.query(`delete from ${s}.log where id in ('event-5', 'event-7')`)
    expect(await store.prune({ keep: 3, limit: 100 })).toBe(5)
    expect(await ids()).toBe('689')
    expect(await store.prune({ keep: 3, limit: 100 })).toBe(0)
  })

  test('deletes the old ones at the beginning and stops at the first that is not', async () => {
    for (const id of ['0', '1', '3']) await age(id, 2)
    expect(await store.prune({ before: hoursAgo(1), limit: 100 })).toBe(2)
    expect(await ids()).toBe('23456789')
  })

  test('deletes what is over either bound when both are given', async () => {
    for (const id of ['0', '1', '2']) await age(id, 2)
    expect(await store.prune({ before: hoursAgo(1), keep: 9, limit: 100 })).toBe(3)
    expect(await store.prune({ before: hoursAgo(1), keep: 5, limit: 100 })).toBe(2)
    expect(await ids()).toBe('56789')
  })

  test('deletes at most as many as it is told', async () => {
    expect(await store.prune({ keep: 0, limit: 4 })).toBe(4)
    expect(await ids()).toBe('456789')
  })

  test('moves the floor and its tag with what it deletes, and the head stays when all is gone', async () => {
    const { head } = await store.bounds()
    await store.prune({ keep: 4, limit: 100 })
    const { floor } = await store.bounds()
    expect(floor).toBe(head - 4)
    const page = await store.read({ after: floor, audience: 'everything', limit: 1, signal: never })
    expect(page).toMatchObject({ floor, head, tag: 'vent-5' })
    expect((await store.read({ after: floor - 1, audience: 'everything', limit: 1, signal: never })).tag).toBeNull()
    await store.prune({ keep: 0, limit: 100 })
    expect(await store.bounds()).toMatchObject({ floor: head, head })
    expect((await store.append([event()], {}))[0]?.position).toBe(head + 1)
  })

  test('is done by one process at a time, and loses nothing when several try', async () => {
    const [others, before] = [Array.from({ length: 4 }, () => backend()), await store.bounds()]
    const gone = await Promise.all(others.map((other) => other.store.prune({ keep: 2, limit: 3 })))
    const sum = gone.reduce((total, count) => total + count, 0)
    expect((await store.bounds()).floor).toBe(before.floor + sum)
    expect((await readAll(one, before.floor + sum)).length).toBe(10 - sum)
  })

  test('forgets idempotency keys with their events', async () => {
    await store.append([event({ idempotencyKey: 'k' })], {})
    await store.prune({ keep: 0, limit: 100 })
    expect(await store.append([event({ idempotencyKey: 'k' })], {})).toMatchObject([{ duplicate: false }])
  })
})
