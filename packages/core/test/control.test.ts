import { afterEach, describe, expect, test } from 'vitest'

import { createTrunkline, memory, type Trunkline, type TrunklineOptions } from '@trunkline/core'
import { adminDoor } from '@trunkline/core/admin'

import { StreamReader } from './support.ts'

const opened: Trunkline[] = []

function open(deployment = memory(), options: Partial<TrunklineOptions<{}, never, unknown>> = {}): Trunkline {
  const trunkline = createTrunkline({ ...deployment, canRead: () => true, ...options })
  opened.push(trunkline)
  return trunkline
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((trunkline) => trunkline.stop({ graceMs: 0 })))
})

describe('a right that was taken', () => {
  test.each(['with a store', 'without one'])('ends the streams it concerns in every process, and no other, %s', async (how) => {
    const { store, notifier } = memory()
    const deployment = how === 'with a store' ? { store, notifier } : ({ notifier } as ReturnType<typeof memory>)
    const banned = new Set<string>()
    const canRead = ({ userId }: { userId: string | null }): boolean => !banned.has(userId ?? '')
    const [one, two, admin] = [open(deployment, { canRead }), open(deployment, { canRead }), open(deployment)]
    const streams = [
      await one.connect({ userId: 1, channels: ['a'] }),
      await two.connect({ userId: 1, channels: ['a', 'b'] }),
      await one.connect({ userId: 1, channels: ['b'] }),
      await two.connect({ userId: 2, channels: ['a'] }),
      await one.connect({ userId: 1 }),
    ] as const
    banned.add('1')
    await admin.permissionChanged({ userId: 1, channel: 'a' })
    expect(await Promise.all([streams[0].closed, streams[1].closed])).toEqual(['forbidden', 'forbidden'])
    expect([one.stats().connections, two.stats().connections]).toEqual([2, 1])
    await admin.permissionChanged({ channel: 'b' })
    expect(await streams[2].closed).toBe('forbidden')
    const goodbye = await new StreamReader(streams[0]).until(() => true)
    await goodbye.readChunk()
    expect(goodbye.named('goodbye')).toHaveLength(1)
  })

  test('an event that waits for a client whose right was taken is not written any more', async () => {
    const trunkline = open(memory(), { canRead: () => may })
    let may = true
    const stream = await trunkline.connect({ userId: 1, channels: ['a'] })
    await stream.next()
    await trunkline.publishToChannel({ channel: 'a', type: 'secret' })
    may = false
    await trunkline.permissionChanged({ channel: 'a' })
    await stream.closed
    const rest = new StreamReader(stream)
    await rest.until(() => rest.named('goodbye').length > 0)
    expect(rest.events).toEqual([])
  })

  test('is also seen by a stream that was let in at the same moment', async () => {
    let asked = 0
    const trunkline: Trunkline = open(memory(), {
      canRead: async () => {
        // The first answer is old by the time it is given: the change has been heard of before the stream is there.
        if (asked++ > 0) return false
        await trunkline.permissionChanged({ channel: 'a' })
        const heard = new Promise((resolve) => trunkline.subscribe('after', resolve))
        await trunkline.publishSystem({ type: 'after' })
        await heard
        return true
      },
    })
    const stream = await trunkline.connect({ userId: 1, channels: ['a'] })
    expect(await stream.closed).toBe('forbidden')
  })

  test('that nobody named is an error', async () => {
    await expect(open().permissionChanged({} as never)).rejects.toMatchObject({ code: 'invalid_options' })
    await expect(open().disconnect({} as never)).rejects.toMatchObject({ code: 'invalid_options' })
    await expect(open().disconnect({ userId: '' })).rejects.toMatchObject({ code: 'invalid_user' })
  })
})

describe('disconnect', () => {
  test('ends one stream, those of a user, or all, in every process', async () => {
    const deployment = memory()
    const [one, two] = [open(deployment), open(deployment)]
    const [a, b, c, d] = [
      await one.connect({ userId: 1 }),
      await two.connect({ userId: 1 }),
      await two.connect({ userId: 2 }),
      await two.connect({ userId: null }),
    ]
    await one.disconnect({ connectionId: b.id })
    expect(await b.closed).toBe('disconnected')
    await two.disconnect({ userId: 1 })
    expect(await a.closed).toBe('disconnected')
    expect(two.stats().connections).toBe(2)
    await one.disconnect('everyone')
    expect(await Promise.all([c.closed, d.closed])).toEqual(['disconnected', 'disconnected'])
  })

  test('is nothing that subscribers or hooks see', async () => {
    const seen: unknown[] = []
    const trunkline = open(memory(), {
      onReceive: (event) => {
        seen.push(event.type)
        return event
      },
    })
    trunkline.subscribe((event) => seen.push(event.type))
    const stream = await trunkline.connect({ userId: 1 })
    await trunkline.disconnect({ userId: 1 })
    await stream.closed
    expect(seen).toEqual([])
  })
})

describe('replay', () => {
  test('sends an event again: the same id and detail, a new place', async () => {
    const trunkline = open()
    const first = await trunkline.publish({ userId: 1, type: 'x', detail: { n: 1 }, privateData: 'p', idempotencyKey: 'k' })
    const reader = new StreamReader(await trunkline.connect({ userId: 1 }))
    await reader.until(() => reader.frames.length > 0)
    const arrived = reader.untilEvents(1)
    const second = await trunkline.replay(first.id)
    await arrived
    expect(second).toMatchObject({ id: first.id, duplicate: false })
    expect(second.cursor).not.toBe(first.cursor)
    expect(reader.events[0]).toMatchObject({ id: first.id, detail: { n: 1 } })
    expect(await trunkline.get(first.id)).toMatchObject({ cursor: second.cursor, privateData: 'p' })
    await expect(trunkline.replay('none')).rejects.toMatchObject({ code: 'not_found' })
  })

  test('of a filter sends what was there, oldest first, and tells its progress', async () => {
    const trunkline = open()
    const batch = (type: string) => Array.from({ length: 600 }, (_, n) => ({ scope: 'global', type, detail: n }) as const)
    await trunkline.publishMany([...batch('a'), ...batch('b'), ...batch('a')])
    const reader = new StreamReader(await trunkline.connect({ userId: null }))
    await reader.until(() => reader.frames.length > 0)
    const arrived = reader.untilEvents(1_200)
    const progress: number[] = []
    expect(await trunkline.replayMany({ type: 'a' }, { onProgress: (count) => progress.push(count) })).toEqual({ count: 1_200 })
    await arrived
    expect(reader.details).toEqual([...batch('a'), ...batch('a')].map(({ detail }) => detail))
    expect(progress).toEqual([200, 700, 1_200])
    expect(await trunkline.replayMany({ type: 'none' })).toEqual({ count: 0 })
  })

  test("never sends Trunkline's own again: a disconnect of last week must not disconnect today", async () => {
    const trunkline = open()
    await trunkline.disconnect({ userId: 1 })
    await trunkline.publish({ userId: 1, type: 'x' })
    const [own] = (await trunkline.find({ scope: 'system' })).events
    await expect(trunkline.replay(own?.id ?? '')).rejects.toMatchObject({ code: 'reserved_type' })
    expect(await trunkline.replayMany({})).toEqual({ count: 1 })
    expect((await trunkline.find({ scope: 'system' })).events).toHaveLength(1)
  })
})

describe('find', () => {
  test('refuses text that no event can have', async () => {
    for (const filter of [{ type: '\0' }, { text: 'a\0b' }, { userId: '' }]) {
      await expect(open().find(filter)).rejects.toMatchObject({ code: 'invalid_filter' })
    }
  })
})

describe('an audit event', () => {
  test('is stored and told to the backend, changed by no hook, and never sent to a browser', async () => {
    const hooked: unknown[] = []
    const heard: unknown[] = []
    const trunkline = open(memory(), {
      onReceive: (event) => {
        hooked.push(event.type)
        return event
      },
    })
    trunkline.subscribe(({ type, scope }) => heard.push([type, scope]))
    await trunkline.start()
    const reader = new StreamReader(await trunkline.connect({ userId: 'ada', cursor: await trunkline.cursor('floor') }))
    await adminDoor(trunkline).audit({ actor: 'ada', action: 'publish' })
    await trunkline.publishGlobal({ type: 'after' })
    await reader.untilEvents(1)
    expect(reader.events).toMatchObject([{ type: 'after' }])
    expect(heard).toEqual([
      ['trunkline.audit', 'system'],
      ['after', 'global'],
    ])
    expect(hooked).toEqual(['after'])
    expect((await trunkline.find({ scope: 'system' })).events).toMatchObject([
      { type: 'trunkline.audit', detail: { actor: 'ada', action: 'publish' } },
    ])
  })

  test('cannot be published by an application', async () => {
    const trunkline = open()
    await expect(trunkline.publishSystem({ type: 'trunkline.audit' })).rejects.toMatchObject({ code: 'reserved_type' })
  })
})
