import { afterEach, describe, expect, test } from 'vitest'

import { createTrunkline, memory, type Trunkline, type TrunklineOptions } from '@trunkline/core'

import { eventually, StreamReader } from './support.ts'

type Options = Partial<TrunklineOptions<{}, never, unknown>>

const opened: Trunkline[] = []
const errors: unknown[] = []

function open(options: Options = {}, deployment = memory()): Trunkline {
  const trunkline = createTrunkline({ ...deployment, canRead: () => true, onError: (error) => errors.push(error), ...options })
  opened.push(trunkline)
  return trunkline
}

async function read(trunkline: Trunkline, options: Parameters<Trunkline['connect']>[0]): Promise<StreamReader> {
  const reader = new StreamReader(await trunkline.connect(options))
  return reader.until(() => reader.frames.length > 0)
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((trunkline) => trunkline.stop({ graceMs: 0 })))
  errors.length = 0
})

describe('routing', () => {
  test('everyone gets what is for them and nothing else, across processes', async () => {
    const deployment = memory()
    const publisher = open({}, deployment)
    const server = open({ canRead: ({ channel, userId }) => channel !== 'staff' || userId === '2' }, deployment)
    const anonymous = await read(server, { userId: null, channels: ['lobby'] })
    const one = await read(server, { userId: 1 })
    const two = await read(server, { userId: '2', channels: ['lobby', 'staff'] })

    await publisher.publish({ userId: 1, type: 'for-1' })
    await publisher.publish({ userId: 'null', type: 'for-null' })
    await publisher.publishToChannel({ channel: 'lobby', type: 'lobby' })
    await publisher.publishToChannel({ channel: 'staff', type: 'staff' })
    await publisher.publishToChannel({ channel: 'lobby', type: 'not-for-2', skipUserIds: [2] })
    await publisher.publishSystem({ type: 'system', userId: 1 })
    await publisher.publishGlobal({ type: 'end' })

    const typesOf = async (reader: StreamReader): Promise<string[]> => {
      await reader.until(() => reader.events.at(-1)?.type === 'end')
      return reader.events.map(({ type }) => type)
    }
    expect(await typesOf(anonymous)).toEqual(['lobby', 'not-for-2', 'end'])
    expect(await typesOf(one)).toEqual(['for-1', 'end'])
    expect(await typesOf(two)).toEqual(['lobby', 'staff', 'end'])
  })

  test('channels are closed unless canRead opens them, and a canRead that throws, hangs or forgets to return is a no that is reported', async () => {
    const rules: Options[] = [
      { canRead: undefined as never },
      { canRead: () => false },
      { canRead: () => 'yes' as never },
      { canRead: () => undefined as never },
      { canRead: () => Promise.reject(new Error('database away')) },
      { canRead: () => new Promise(() => {}), hookTimeoutMs: 20 },
      {
        canRead: () => {
          throw new Error('bug')
        },
      },
    ]
    for (const rule of rules) {
      await expect(open(rule).connect({ userId: 1, channels: ['x'] })).rejects.toMatchObject({ code: 'forbidden' })
    }
    expect(errors.map((error) => (error as Error).message.slice(0, 50))).toEqual([
      'This client may not read "x". Channels are closed ',
      'canRead must return true or false, got string, whi',
      'canRead must return true or false, got undefined, ',
      'canRead failed, which counts as no: database away',
      'canRead failed, which counts as no: no answer with',
      'canRead failed, which counts as no: bug',
    ])
  })

  test('limits refuse before the first byte', async () => {
    const trunkline = open({ maxConnections: 3, maxConnectionsPerUser: 2 })
    const first = await trunkline.connect({ userId: 1 })
    await trunkline.connect({ userId: 1 })
    await expect(trunkline.connect({ userId: 1 })).rejects.toMatchObject({ code: 'too_many_connections' })
    await trunkline.connect({ userId: 2 })
    await expect(trunkline.connect({ userId: 3 })).rejects.toMatchObject({ code: 'overloaded' })
    first.close()
    await first.closed
    await trunkline.connect({ userId: 1 })
    expect(trunkline.stats().connections).toBe(3)
  })
})

describe('bytes', () => {
  test('an event is encoded once and its bytes are shared by all who get it', async () => {
    const trunkline = open()
    const readers = await Promise.all([1, 2, 3].map((userId) => read(trunkline, { userId })))
    const waiting = Promise.all(readers.map((reader) => reader.untilEvents(2)))
    await trunkline.publishMany([
      { scope: 'global', type: 'a' },
      { scope: 'global', type: 'b' },
    ])
    await waiting
    const chunks = new Set(readers.map(({ chunks: [, chunk] }) => chunk))
    expect(chunks.size).toBe(1)
  })

  test('the opening frame tells the heartbeat and a tag that streams of one user share', async () => {
    const trunkline = open({ heartbeatMs: 123 })
    const opening = await Promise.all([1, 1, 2, null].map((userId) => read(trunkline, { userId })))
    const states = opening.map((reader) => JSON.parse(reader.frames[0]?.data ?? '') as { heartbeatMs: number; identity: string })
    expect(states[0]).toEqual(states[1])
    expect(new Set(states.map(({ identity }) => identity)).size).toBe(3)
    expect(states[0]?.heartbeatMs).toBe(123)
  })

  test('heartbeats carry the place up to which everything was written or was for others', async () => {
    const trunkline = open({ heartbeatMs: 20 })
    const reader = await read(trunkline, { userId: 1 })
    const { cursor } = await trunkline.publish({ userId: 2, type: 'foreign' })
    await reader.until(() => reader.named('heartbeat').some(({ id }) => id === cursor))
    expect(reader.events).toEqual([])
    expect(cursor).not.toBeNull()
  })
})

describe('resume', () => {
  test('everything after the cursor comes once and in order, joined with what comes live', async () => {
    const trunkline = open()
    const floor = await trunkline.cursor('floor')
    for (let n = 0; n < 50; n++) await trunkline.publishGlobal({ type: 'x', detail: n })
    const resumed = new StreamReader(await trunkline.connect({ userId: null, cursor: floor }))
    const publishing = (async () => {
      for (let n = 50; n < 100; n++) await trunkline.publishGlobal({ type: 'x', detail: n })
    })()
    await resumed.untilEvents(100)
    await publishing
    expect(resumed.details).toEqual(Array.from({ length: 100 }, (_, n) => n))
  })

  test('from any event on, out of the ring as out of the store', async () => {
    const deployment = memory()
    const first = open({}, deployment)
    const fromRing = open({}, deployment)
    await fromRing.start()
    const receipts = []
    for (let n = 0; n < 20; n++) receipts.push(await first.publish({ userId: n % 2, type: 'x', detail: n }))
    // Its tail begins at the head: what came before has to be read from the store.
    const fromStore = open({}, deployment)
    for (const [index, { cursor }] of receipts.entries()) {
      for (const trunkline of [fromRing, fromStore]) {
        const reader = new StreamReader(await trunkline.connect({ userId: 1, cursor: cursor ?? '' }))
        const rest = receipts.map((_, n) => n).filter((n) => n > index && n % 2 === 1)
        await reader.until(() => reader.frames.length > 0)
        expect(reader.frames[0]).toMatchObject({ event: 'connected', id: cursor })
        await reader.untilEvents(rest.length)
        expect(reader.details).toEqual(rest)
      }
    }
    expect(fromStore.stats().counters.catchUpReads).toBeGreaterThan(0)
    expect(fromRing.stats().counters.catchUpReads).toBe(0)
  })

  test('many who ask for the same page at the same moment are one read', async () => {
    const deployment = memory()
    const publisher = open({}, deployment)
    const floor = await publisher.cursor('floor')
    for (let n = 0; n < 10; n++) await publisher.publishGlobal({ type: 'x', detail: n })
    const server = open({}, deployment)
    await server.start()
    const readers = await Promise.all(
      Array.from({ length: 200 }, async () => new StreamReader(await server.connect({ userId: null, cursor: floor }))),
    )
    await Promise.all(readers.map((reader) => reader.untilEvents(10)))
    expect(server.stats().counters.catchUpReads).toBeLessThan(5)
  })

  test.each([
    ['malformed', () => 'nonsense'],
    ['unknown_epoch', (cursor: string) => cursor.replace(/^[^.]+/, 'otherlog')],
    ['ahead_of_head', (cursor: string) => cursor.replace(/\.\w+\./, '.00000000zzzzz.')],
    ['unknown_epoch', (cursor: string) => cursor.replace(/\w+$/, 'fffffg')],
  ])('a cursor that cannot be honoured: reset (%s) before anything newer, then live', async (reason, change) => {
    const trunkline = open()
    const { cursor } = await trunkline.publishGlobal({ type: 'before' })
    const reader = new StreamReader(await trunkline.connect({ userId: null, cursor: change(cursor ?? '') }))
    await reader.until(() => reader.named('reset').length > 0)
    expect(reader.named('connected')[0]?.id).not.toBe(cursor)
    expect(reader.named('reset')[0]).toMatchObject({ id: cursor, data: JSON.stringify({ reason, channels: [] }) })
    const next = reader.untilEvents(1)
    await trunkline.publishGlobal({ type: 'after' })
    await next
    expect(reader.events.map(({ type }) => type)).toEqual(['after'])
  })

  test('a place that was pruned: reset, then live', async () => {
    const trunkline = open({ retention: { maxEvents: 2 } })
    const floor = await trunkline.cursor('floor')
    for (let n = 0; n < 5; n++) await trunkline.publishGlobal({ type: 'x', detail: n })
    expect(await trunkline.prune()).toEqual({ count: 3 })
    const reader = new StreamReader(await trunkline.connect({ userId: null, cursor: floor }))
    await reader.until(() => reader.named('reset').length > 0)
    expect(JSON.parse(reader.named('reset')[0]?.data ?? '')).toMatchObject({ reason: 'pruned' })
    const kept = new StreamReader(await trunkline.connect({ userId: null, cursor: await trunkline.cursor('floor') }))
    await kept.untilEvents(2)
    expect(kept.details).toEqual([3, 4])
  })

  test('a place that is pruned while the client pages through the log: reset before the first event after the gap', async () => {
    const deployment = memory()
    const publisher = open({}, deployment)
    const floor = await publisher.cursor('floor')
    const batch = Array.from({ length: 1_200 }, (_, n) => ({ scope: 'global', type: 'x', detail: n }) as const)
    await publisher.publishMany(batch)
    const server = open({}, deployment)
    const reader = new StreamReader(await server.connect({ userId: null, cursor: floor }))
    await reader.until(() => reader.events.length > 0)
    const seen = reader.events.length
    expect(seen).toBeLessThan(batch.length)
    // The very next event goes, and no more.
    await deployment.store.prune({ keep: batch.length - seen - 1, limit: 10_000 })
    await reader.until(() => reader.named('reset').length > 0)
    expect(JSON.parse(reader.named('reset')[0]?.data ?? '')).toMatchObject({ reason: 'pruned' })
    expect(reader.events).toHaveLength(seen)
  })
})

describe('a client that does not read', () => {
  test('costs one chunk, and gets everything once it reads again; its neighbours never notice', async () => {
    const trunkline = open()
    const slow = await trunkline.connect({ userId: 1 })
    const fast = await read(trunkline, { userId: 2 })
    const total = 20_000
    const reading = fast.untilEvents(total)
    for (let n = 0; n < total; n += 500) {
      await trunkline.publishMany(Array.from({ length: 500 }, (_, i) => ({ scope: 'global', type: 'x', detail: n + i }) as const))
    }
    await reading
    expect(trunkline.stats().queuedBytes).toBeLessThan(1_000)
    const reader = await new StreamReader(slow).untilEvents(total)
    expect(reader.details).toEqual(Array.from({ length: total }, (_, n) => n))
    expect(reader.named('reset')).toEqual([])
  })

  test.each(['with a store', 'without one'])(
    'is told by reset when it missed events that are stored nowhere, %s',
    async (how) => {
      const { store, notifier } = memory()
      const trunkline = createTrunkline(how === 'with a store' ? { store, notifier } : { notifier })
      opened.push(trunkline)
      const reader = await read(trunkline, { userId: null })
      for (let n = 0; n < 9_000; n++) await trunkline.publishGlobal({ type: 'x', detail: n, store: false })
      await reader.until(() => reader.named('reset').length > 0)
      expect(JSON.parse(reader.named('reset')[0]?.data ?? '')).toMatchObject({ reason: 'overflow' })
      expect(reader.events).toEqual([])
      const next = reader.untilEvents(1)
      await trunkline.publishGlobal({ type: 'x', detail: 'live' })
      await next
      expect(reader.details).toEqual(['live'])
    },
  )
})

describe('events that are not stored', () => {
  test('come live, have no cursor and move nobody’s', async () => {
    const trunkline = open({ isReliable: (channel) => channel !== 'noise' })
    const reader = await read(trunkline, { userId: 1, channels: ['noise'] })
    const before = reader.cursor
    const all = reader.untilEvents(3)
    expect(await trunkline.publish({ userId: 1, type: 'a', store: false })).toMatchObject({ cursor: null })
    expect(await trunkline.publishToChannel({ channel: 'noise', type: 'b' })).toMatchObject({ cursor: null })
    await trunkline.publishToChannel({ channel: 'noise', type: 'c', store: true })
    await all
    expect(reader.events.map(({ type }) => type)).toEqual(['a', 'b', 'c'])
    const events = reader.frames.filter(({ event }) => event === undefined)
    expect(events.map(({ id }) => id)).toEqual([undefined, undefined, await trunkline.cursor()])
    expect(before).toBe(await trunkline.cursor('floor'))
  })

  test('come in the order in which they were published, awaited or not', async () => {
    const { notifier } = memory()
    const payloads: string[] = []
    const trunkline = createTrunkline({
      notifier: {
        maxPayloadBytes: 2_000,
        listen: (handlers) => notifier.listen(handlers),
        notify: async (payload) => {
          payloads.push(payload)
          await new Promise((resolve) => setTimeout(resolve, 10 - payloads.length))
          await notifier.notify(payload)
        },
      },
    })
    opened.push(trunkline)
    const reader = await read(trunkline, { userId: null })
    const arrived = reader.untilEvents(50)
    await Promise.all(Array.from({ length: 50 }, (_, n) => trunkline.publishGlobal({ type: 'x', detail: n })))
    await arrived
    expect(reader.details).toEqual(Array.from({ length: 50 }, (_, n) => n))
    expect(payloads.length).toBeLessThan(10)
    expect(payloads.every((payload) => payload.length <= 2_000)).toBe(true)
  })

  test('are not repeated to a client that resumes from before them', async () => {
    const trunkline = open()
    await trunkline.start()
    const { cursor } = await trunkline.publishGlobal({ type: 'a' })
    await trunkline.publishGlobal({ type: 'gone', store: false })
    await trunkline.publishGlobal({ type: 'b' })
    await trunkline.publishGlobal({ type: 'gone', store: false })
    const last = await trunkline.publishGlobal({ type: 'c' })
    await eventually(() => trunkline.stats().tail.cursor === last.cursor)
    const reader = new StreamReader(await trunkline.connect({ userId: null, cursor: cursor ?? '' }))
    await reader.until(() => reader.events.at(-1)?.type === 'c')
    expect(reader.events.map(({ type }) => type)).toEqual(['b', 'c'])
  })
})

describe('hooks', () => {
  test('onReceive changes and drops once per process, live and on resume alike, and keeps the order when it is slow', async () => {
    const calls: number[] = []
    const trunkline = open({
      onReceive: async (event) => {
        const n = event.detail as number
        calls.push(n)
        await new Promise((resolve) => setTimeout(resolve, (n * 7) % 5))
        event.detail = n * 10
        return n % 3 === 0 ? null : event
      },
    })
    const floor = await trunkline.cursor('floor')
    const [one, two] = [await read(trunkline, { userId: 1 }), await read(trunkline, { userId: 2 })]
    const live = Promise.all([one.untilEvents(6), two.untilEvents(6)])
    await trunkline.publishMany(Array.from({ length: 9 }, (_, n) => ({ scope: 'global', type: 'x', detail: n }) as const))
    await live
    expect(one.details).toEqual([10, 20, 40, 50, 70, 80])
    expect(two.details).toEqual(one.details)
    expect(calls).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    const resumed = await new StreamReader(
      await open({ onReceive: (event) => ((event.detail as number) % 3 === 0 ? null : event) }, memory()).connect({ userId: 1 }),
    ).until(() => true)
    expect(resumed.events).toEqual([])
    const again = await new StreamReader(await trunkline.connect({ userId: 3, cursor: floor })).untilEvents(6)
    expect(again.details).toEqual(one.details)
  })

  test('beforeSend works on a copy of its own, with the audience, per connection', async () => {
    const trunkline = open({
      beforeSend: (event, { audience, request }) => {
        expect(request).toBeUndefined()
        if (audience.userId === 'skip') return null
        ;(event.detail as { viewer?: string | null }).viewer = audience.userId
        return event
      },
    })
    const readers = await Promise.all(['1', '2', 'skip', null].map((userId) => read(trunkline, { userId })))
    const [one, two, skipped, anonymous] = readers as [StreamReader, StreamReader, StreamReader, StreamReader]
    const waiting = Promise.all([one, two, anonymous].map((reader) => reader.untilEvents(1)))
    await trunkline.publishGlobal({ type: 'x', detail: { text: 'hi' } })
    await waiting
    expect([one, two, anonymous].map(({ details }) => details)).toEqual([
      [{ text: 'hi', viewer: '1' }],
      [{ text: 'hi', viewer: '2' }],
      [{ text: 'hi', viewer: null }],
    ])
    expect(skipped.events).toEqual([])
  })

  test('a hook cannot send an event to someone else', async () => {
    const trunkline = open({
      onReceive: (event) => ({ ...event, scope: 'global', userId: '2', channel: 'all' }) as never,
    })
    const [one, two] = [await read(trunkline, { userId: 1 }), await read(trunkline, { userId: 2 })]
    const waiting = one.untilEvents(1)
    await trunkline.publish({ userId: 1, type: 'secret' })
    await waiting
    await trunkline.publish({ userId: 2, type: 'own' })
    await two.untilEvents(1)
    expect(two.events.map(({ type }) => type)).toEqual(['own'])
    expect(one.events[0]).toMatchObject({ type: 'secret', scope: 'user' })
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('bug')
      },
    ],
    ['rejects', () => Promise.reject(new Error('bug'))],
    ['hangs', () => new Promise<never>(() => {})],
    ['forgets to return', () => undefined as never],
    ['returns nonsense', () => 'yes' as never],
    ['makes a reserved type', (event: { type: string }) => ({ ...event, type: 'reset' }) as never],
  ])('a beforeSend that %s is a no, is reported, and ends nothing', async (_, beforeSend) => {
    let bad = true
    const trunkline = open({
      hookTimeoutMs: 20,
      beforeSend: (event) => (bad ? (beforeSend as (e: unknown) => never)(event) : event),
    })
    const reader = await read(trunkline, { userId: 1 })
    const waiting = reader.untilEvents(1)
    const { id } = await trunkline.publishGlobal({ type: 'lost' })
    await eventually(() => errors.length > 0)
    bad = false
    await trunkline.publishGlobal({ type: 'kept' })
    await waiting
    expect(reader.events.map(({ type }) => type)).toEqual(['kept'])
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ code: 'hook_failed' })
    expect(id).toBeTruthy()
  })
})

describe('backend subscribers', () => {
  test('hear all events, those of a type, and those of an entity, of every scope, in order', async () => {
    const deployment = memory()
    const publisher = open({}, deployment)
    const trunkline = open({}, deployment)
    await trunkline.start()
    const heard: string[] = []
    trunkline.subscribe((event) => heard.push(`* ${event.type}`))
    trunkline.subscribe('a', (event) => heard.push(`a ${event.scope}`))
    const stop = trunkline.subscribe('a:7', () => heard.push('a:7'))
    await publisher.publishSystem({ type: 'a', detail: { ':id': 7 } })
    await publisher.publish({ userId: 1, type: 'a', detail: { ':id': '7' } })
    await publisher.publishGlobal({ type: 'a', detail: { ':id': null } })
    await publisher.publishGlobal({ type: 'b', detail: { ':id': 7 } })
    await eventually(() => heard.includes('* b'))
    expect(heard).toEqual(['* a', 'a system', 'a:7', '* a', 'a user', 'a:7', '* a', 'a global', '* b'])
    stop()
    stop()
    await publisher.publishSystem({ type: 'a', detail: { ':id': 7 } })
    await eventually(() => heard.length === 11)
  })

  test('see frozen events; one that fails harms no other and is reported', async () => {
    const trunkline = open()
    const heard: unknown[] = []
    trunkline.subscribe((event) => {
      ;(event.detail as { n: number }).n = 2
    })
    trunkline.subscribe(() => Promise.reject(new Error('async')))
    trunkline.subscribe((event) => heard.push(event.detail))
    await trunkline.start()
    await trunkline.publishGlobal({ type: 'x', detail: { n: 1 } })
    await eventually(() => heard.length === 1 && errors.length === 2)
    expect(heard).toEqual([{ n: 1 }])
  })
})

describe('the end of a stream', () => {
  test('stop says goodbye to everyone and ends the streams', async () => {
    const trunkline = open()
    const reader = await read(trunkline, { userId: 1 })
    const end = reader.until(() => reader.named('goodbye').length > 0)
    await trunkline.stop()
    await end
    await reader.readChunk()
    expect(reader.ended).toBe(true)
    expect(trunkline.stats()).toMatchObject({ connections: 0, listener: { state: 'stopped' } })
    await expect(trunkline.connect({ userId: 1 })).rejects.toMatchObject({ code: 'stopped' })
  })

  test('stop ends many streams gradually, each client with a retry of its own', async () => {
    const trunkline = open()
    const streams = await Promise.all(Array.from({ length: 300 }, () => trunkline.connect({ userId: 1 })))
    const ended: number[] = []
    const start = performance.now()
    for (const stream of streams) stream.closed.then(() => ended.push(performance.now() - start), expect.fail)
    const readers = streams.map((stream) => new StreamReader(stream))
    const retries = new Set<string>()
    const reading = readers.map(async (reader) => {
      await reader.until(() => reader.named('goodbye').length > 0)
      retries.add(/retry: (\d+)/.exec(new TextDecoder().decode(reader.chunks.at(-1)))?.[1] ?? '')
    })
    await trunkline.stop({ graceMs: 300 })
    await Promise.all(reading)
    expect(retries.size).toBeGreaterThan(100)
    expect(ended.at(-1)).toBeGreaterThan(150)
    expect(ended.at(-1)).toBeLessThan(1_000)
  })

  test('an aborted signal, close and return end it without a word', async () => {
    const trunkline = open()
    const controller = new AbortController()
    const streams = [
      await trunkline.connect({ userId: 1, signal: controller.signal }),
      await trunkline.connect({ userId: 1 }),
      await trunkline.connect({ userId: 1 }),
    ]
    controller.abort()
    streams[1]?.close()
    await streams[2]?.return?.()
    expect(await Promise.all(streams.map(({ closed }) => closed))).toEqual(['client', 'client', 'client'])
    expect(trunkline.stats().connections).toBe(0)
  })

  test('at expiresAt the stream ends with a goodbye', async () => {
    const trunkline = open()
    const reader = await read(trunkline, { userId: 1, expiresAt: new Date(Date.now() + 30) })
    await reader.until(() => reader.named('goodbye').length > 0)
    expect(JSON.parse(reader.named('goodbye')[0]?.data ?? '')).toEqual({ reason: 'expired' })
  })
})

describe('a dialect of one’s own', () => {
  const dialect = {
    name: 'shouting',
    event: (event: { type: string }) => ({ event: event.type, data: event.type.toUpperCase() }),
    open: () => ({ comment: 'hello' }),
    heartbeat: () => ({ comment: 'still here' }),
    reset: () => ({ event: 'lost' }),
    end: () => null,
  }

  test('decides what is on the wire', async () => {
    const trunkline = open()
    const reader = new StreamReader(await trunkline.connect({ userId: 1, dialect }))
    const arrived = reader.until(() => reader.frames.length > 0)
    await trunkline.publishGlobal({ type: 'x' })
    await arrived
    expect(reader.frames[0]).toMatchObject({ event: 'x', data: 'X' })
    await expect(trunkline.connect({ userId: 1, dialect: 'unheard' as 'trunkline' })).rejects.toMatchObject({
      code: 'invalid_options',
    })
  })

  test('when it throws, its own stream ends, and no other', async () => {
    const trunkline = open({ heartbeatMs: 20 })
    const broken = (member: string) => ({
      ...dialect,
      [member]: () => {
        throw new Error(`${member} is broken`)
      },
    })
    const bad = await Promise.all(
      ['event', 'heartbeat'].map((member) => trunkline.connect({ userId: 1, dialect: broken(member) })),
    )
    const good = await read(trunkline, { userId: 1 })
    const reading = bad.map(async (stream) => {
      for await (const _ of stream);
    })
    const arrived = good.untilEvents(2)
    await trunkline.publishGlobal({ type: 'x' })
    await trunkline.publishGlobal({ type: 'x' })
    await arrived
    await Promise.all(reading)
    expect(await Promise.all(bad.map(({ closed }) => closed))).toEqual(['error', 'error'])
    expect(errors).toHaveLength(2)
  })
})
