import { beforeAll, describe, expect, test } from 'vitest'

import { admin, backend, event, s } from './support/deployment.ts'

const one = backend()
const { archive, append } = one.store

beforeAll(async () => {
  await one.migrate()
  await append(
    [
      event({ id: 'one', type: 'a', body: '{"text":"100% of_it \\\\ \'quoted\'"}' }),
      event({ id: 'two', type: 'b', scope: 'user', userId: '7', entityId: 'e1' }),
      event({ id: 'three', type: 'a', scope: 'system', userId: '7' }),
      event({ id: 'four', type: 'a', scope: 'channel', channel: 'room', entityId: 'e1' }),
      event({ id: 'five', type: 'b', scope: 'user', userId: '8' }),
      event({ id: 'one', type: 'again' }),
    ],
    {},
  )
})

const found = async (filter: Omit<Parameters<typeof archive.find>[0], 'limit'> & { readonly limit?: number }) =>
  (await archive.find({ limit: 50, ...filter })).events.map(({ id }) => id).join(' ')

describe('the archive', () => {
  test('gets the newest event with an id, or null', async () => {
    expect(await archive.get('one')).toMatchObject({ id: 'one', type: 'again' })
    expect(await archive.get('none')).toBeNull()
  })

  test('finds by each part of the filter, newest first', async () => {
    expect(await found({})).toBe('one five four three two one')
    expect(await found({ type: 'a' })).toBe('four three one')
    expect(await found({ userId: '7' })).toBe('three two')
    expect(await found({ userId: '7', scope: 'user' })).toBe('two')
    expect(await found({ scope: 'system' })).toBe('three')
    expect(await found({ scope: 'global' })).toBe('one one')
    expect(await found({ channel: 'room' })).toBe('four')
    expect(await found({ channel: 'room', scope: 'user' })).toBe('')
    expect(await found({ entityId: 'e1' })).toBe('four two')
    expect(await found({ limit: 2 })).toBe('one five')
    expect(await found({ before: 3 })).toBe('two one')
  })

  test('finds by time, neither bound included', async () => {
    await admin.query(`update ${s}.log set created_at = '2020-01-01T00:00:00Z'::timestamptz + position * interval '1 hour'`)
    const at = (hour: number) => new Date(Date.UTC(2020, 0, 1, hour))
    expect(await found({ createdAfter: at(3) })).toBe('one five four')
    expect(await found({ createdBefore: at(3) })).toBe('two one')
    expect(await found({ createdAfter: at(2), createdBefore: at(4) })).toBe('three')
  })

  test('finds text as it stands, without wildcards', async () => {
    expect(await found({ text: '100% of_it' })).toBe('one')
    expect(await found({ text: "'quoted'" })).toBe('one')
    expect(await found({ text: '%' })).toBe('one')
    expect(await found({ text: 'OF_IT' })).toBe('')
    expect(await archive.find({ text: 'nowhere', limit: 1 })).toEqual({ events: [], lookedBackTo: null })
  })

  test('looks at 50,000 events for a text and says how far it came', async () => {
    await admin.query(`
      insert into ${s}.log (id, type, scope, audience, body, raw, created_at)
      select 'many-' || i, 'many', 'global', 'g', case i when 1 then 'oldest' else '{}' end, true, now() from generate_series(1, 50001) i`)
    const { events, lookedBackTo } = await archive.find({ type: 'many', text: 'oldest', limit: 5 })
    expect(events).toEqual([])
    const next = await archive.find({ type: 'many', text: 'oldest', limit: 5, before: lookedBackTo ?? 0 })
    expect(next).toMatchObject({ events: [{ id: 'many-1' }], lookedBackTo: null })
    expect((await archive.find({ type: 'many', text: '{}', limit: 5 })).lookedBackTo).toBeNull()
  })
})
