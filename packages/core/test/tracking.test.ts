import { createTrunkline, memory, type Store, type Trunkline, type TrunklineOptions } from '@trunkline/core'
import { createHttp } from '@trunkline/core/http'
import { afterEach, describe, expect, test } from 'vitest'

import { eventually, StreamReader } from './support.ts'

type Options = Partial<TrunklineOptions<{}, never, unknown>>

const opened: Trunkline[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((trunkline) => trunkline.stop({ graceMs: 0 })))
})

function open(options: Options = {}): Trunkline {
  const trunkline = createTrunkline({ ...memory(), tracking: true, canRead: () => true, onError: () => {}, ...options })
  opened.push(trunkline)
  return trunkline
}

/** Resolves when so many activities are kept. */
async function activities(trunkline: Trunkline, id: string, count: number): Promise<readonly string[]> {
  let found: readonly string[] = []
  const look = async (): Promise<void> => {
    const tracked = await trunkline.activities(id)
    found = [tracked?.status ?? 'none', ...(tracked?.activities ?? []).map(({ userId, status }) => `${userId} ${status}`)]
  }
  for (await look(); found.length <= count;) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    await look()
  }
  return found
}

/** A memory store that counts what is written of activities, and can refuse it. */
function counted(): { readonly store: Store; readonly writes: number[]; failing: boolean } {
  const { store } = memory()
  const control = { store, writes: [] as number[], failing: false }
  const { archive } = store
  if (archive?.track === undefined) throw new Error('memory() tracks.')
  const track = archive.track.bind(archive)
  archive.track = async (rows) => {
    if (control.failing) throw new Error('away')
    control.writes.push(rows.length)
    await track(rows)
  }
  return control
}

describe('tracking', () => {
  test('keeps that an event was dispatched, to whom it was sent, and what clients acknowledged', async () => {
    const trunkline = open()
    const ann = new StreamReader(await trunkline.connect({ userId: 'ann' }))
    const someone = new StreamReader(await trunkline.connect({ userId: null }))
    const reading = Promise.all([ann.untilEvents(1), someone.untilEvents(1)])
    const { id } = await trunkline.publishGlobal({ type: 'x' })
    await reading
    expect(await activities(trunkline, id, 3)).toEqual(['sent', 'null dispatched', 'ann sent', 'null sent'])

    expect(await trunkline.acknowledge({ userId: 'ann', ids: [id], status: 'delivered' })).toEqual({ count: 1 })
    expect(await trunkline.acknowledge({ userId: 'ann', ids: [id], status: 'read' })).toEqual({ count: 1 })
    expect((await activities(trunkline, id, 5)).slice(4)).toEqual(['ann delivered', 'ann read'])
    expect((await trunkline.activities(id))?.status).toBe('read')
  })

  test('writes once for many clients, and never goes back', async () => {
    const { store, writes } = counted()
    const trunkline = open({ store, notifier: memory().notifier })
    await trunkline.start()
    const { id } = await trunkline.publishGlobal({ type: 'x' })
    const floor = await trunkline.cursor('floor')
    const readers = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => new StreamReader(await trunkline.connect({ userId: n + 1, cursor: floor }))),
    )
    await Promise.all(readers.map((reader) => reader.untilEvents(1)))
    await activities(trunkline, id, 200)
    expect(writes.length).toBeLessThanOrEqual(3)

    await trunkline.acknowledge({ userId: 1, ids: [id], status: 'read' })
    await activities(trunkline, id, 201)
    const before = writes.length
    await trunkline.acknowledge({ userId: 1, ids: [id], status: 'delivered' })
    await eventually(() => writes.length > before)
    expect((await store.archive?.activities?.(id))?.filter(({ userId }) => userId === '1').map(({ status }) => status)).toEqual([
      'sent',
      'read',
    ])
  })

  test('counts no acknowledgement of an event that is not for the client', async () => {
    const trunkline = open({ canRead: ({ channel }) => channel === 'open' })
    const ids = await Promise.all(
      [
        trunkline.publish({ userId: 'ann', type: 'x' }),
        trunkline.publishToChannel({ channel: 'open', type: 'x' }),
        trunkline.publishToChannel({ channel: 'closed', type: 'x' }),
        trunkline.publishToChannel({ channel: 'open', type: 'x', skipUserIds: ['ben'] }),
        trunkline.publishSystem({ type: 'x' }),
        trunkline.publishGlobal({ type: 'x' }),
      ].map(async (receipt) => (await receipt).id),
    )
    const counts = await Promise.all(
      ['ann', 'ben', null].map(async (userId) => {
        const each = ids.map(async (id) => (await trunkline.acknowledge({ userId, ids: [id], status: 'read' })).count)
        return Promise.all(each)
      }),
    )
    expect(counts).toEqual([
      [1, 1, 0, 1, 0, 1],
      [0, 1, 0, 0, 0, 1],
      [0, 1, 0, 1, 0, 1],
    ])
    expect(await trunkline.acknowledge({ userId: 'ann', ids: ['no such event'], status: 'read' })).toEqual({ count: 0 })
  })

  test('keeps that a hook failed over an event', async () => {
    const trunkline = open({
      beforeSend: () => {
        throw new Error('broken')
      },
    })
    const reader = new StreamReader(await trunkline.connect({ userId: 1 }))
    await reader.readChunk()
    void reader.readChunk()
    const { id } = await trunkline.publishGlobal({ type: 'x' })
    expect(await activities(trunkline, id, 2)).toEqual(['error', 'null dispatched', 'null error'])
  })

  test('tries again what could not be written, and says so once', async () => {
    const control = counted()
    const stages: string[] = []
    const trunkline = open({ store: control.store, notifier: memory().notifier, onError: (_, { stage }) => stages.push(stage) })
    control.failing = true
    const { id } = await trunkline.publishGlobal({ type: 'x' })
    await trunkline.acknowledge({ userId: 1, ids: [id], status: 'read' })
    await eventually(() => stages.length > 0)
    control.failing = false
    await activities(trunkline, id, 1)
    expect(stages).toEqual(['track'])
  })

  test('is refused where it cannot be, and when it was not asked for', async () => {
    const { store, notifier } = memory()
    const { get, find } = store.archive ?? {}
    const bare: Store = {
      append: (...call) => store.append(...call),
      read: (query) => store.read(query),
      bounds: () => store.bounds(),
      prune: (query) => store.prune(query),
      ...(get === undefined || find === undefined ? {} : { archive: { get, find } }),
    }
    expect(() => createTrunkline({ store: bare, notifier, tracking: true })).toThrow(/track/)
    expect(() => createTrunkline({ notifier, tracking: true })).toThrow(/needs a store/)
    const trunkline = open({ tracking: false })
    await expect(trunkline.activities('x')).rejects.toMatchObject({ code: 'not_supported' })
    await expect(trunkline.acknowledge({ userId: 1, ids: [], status: 'read' })).rejects.toMatchObject({ code: 'not_supported' })
    const tracked = open()
    await expect(tracked.acknowledge({ userId: 1, ids: [], status: 'sent' as 'read' })).rejects.toMatchObject({
      code: 'invalid_acknowledgement',
    })
    expect(await tracked.activities('no such event')).toBeNull()
  })
})

describe('POST <mount>/acknowledge', () => {
  async function post(trunkline: Trunkline, url: string, headers: Record<string, string> = {}, method = 'POST') {
    const answer = createHttp(trunkline, { cors: { origins: ['https://friend.example'] } })
    const request = new Request(`http://localhost${url}`, { method })
    const answered = await answer({
      method,
      url,
      params: {},
      header: (name) => headers[name] ?? null,
      identify: () => 'ann',
      toRequest: () => request,
    })
    return answered === null ? null : { status: answered.status, body: answered.body, headers: answered.headers }
  }

  test('notes what the client says, and answers how many events it was about', async () => {
    const trunkline = open()
    const mine = await trunkline.publish({ userId: 'ann', type: 'x' })
    const other = await trunkline.publish({ userId: 'ben', type: 'x' })
    const said = await post(trunkline, `/acknowledge?status=read&id=${mine.id}&id=${other.id}`)
    expect(said).toMatchObject({ status: 200, body: '{"count":1}' })
    expect(await activities(trunkline, mine.id, 1)).toContain('ann read')
  })

  test('is refused from another site, with another method, and with another status', async () => {
    const trunkline = open()
    const { id } = await trunkline.publish({ userId: 'ann', type: 'x' })
    const url = `/acknowledge?status=read&id=${id}`
    const stranger = { 'sec-fetch-site': 'cross-site', origin: 'https://stranger.example' }
    expect(await post(trunkline, url, stranger)).toMatchObject({ status: 403 })
    expect(await post(trunkline, url, { ...stranger, origin: 'https://friend.example' })).toMatchObject({ status: 200 })
    const wrong = await post(trunkline, url, {}, 'GET')
    expect(wrong).toMatchObject({ status: 405 })
    expect(wrong?.headers.get('allow')).toBe('POST, OPTIONS')
    expect(await post(trunkline, `/acknowledge?status=sent&id=${id}`)).toMatchObject({ status: 400 })
  })

  test('is not there without tracking', async () => {
    expect(await post(open({ tracking: false }), '/acknowledge?status=read')).toBeNull()
  })
})
