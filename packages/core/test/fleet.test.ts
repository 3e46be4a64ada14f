import { afterEach, describe, expect, test } from 'vitest'

import {
  type Connection,
  createTrunkline,
  type ListenHandlers,
  memory,
  type Notifier,
  type ProcessStatus,
  type Trunkline,
  type TrunklineOptions,
} from '@trunkline/core'

import { eventually, StreamReader } from './support.ts'

type Deployment = Pick<TrunklineOptions<{}, never, unknown>, 'store' | 'notifier'>

const opened: Trunkline[] = []

function open(deployment: Deployment, options: Partial<TrunklineOptions<{}, never, unknown>> = {}): Trunkline {
  const trunkline = createTrunkline({ ...deployment, canRead: () => true, ...options })
  opened.push(trunkline)
  return trunkline
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((trunkline) => trunkline.stop({ graceMs: 0 })))
})

describe('who watches', () => {
  test('hears at once how every process is, its own included, and who is connected there', async () => {
    const deployment = memory()
    const [one, two, three] = [open(deployment), open(deployment), open(deployment)]
    const stream = await one.connect({ userId: 7, channels: ['a', 'b'], address: '10.0.0.7' })
    await two.start()
    await two.publishGlobal({ type: 'x' })
    const heard = watch(three)
    await eventually(() => heard.size === 3)
    expect(heard.get(idOf(one))).toEqual({
      process: idOf(one),
      at: expect.stringMatching(/Z$/),
      since: expect.stringMatching(/Z$/),
      listener: { ...one.stats().listener, lastHeard: expect.stringMatching(/Z$/) },
      lagMs: one.stats().tail.lagMs,
      connections: 1,
      queuedBytes: one.stats().queuedBytes,
      queueUsage: null,
      counters: one.stats().counters,
      lagging: [
        {
          id: stream.id,
          process: idOf(one),
          userId: '7',
          channels: ['a', 'b'],
          since: expect.stringMatching(/Z$/),
          lagMs: expect.any(Number),
          address: '10.0.0.7',
        },
      ],
    } satisfies ProcessStatus)
    expect(heard.get(idOf(two))).toMatchObject({ connections: 0, counters: { published: 1, stored: 1 }, lagging: [] })
    expect(heard.get(idOf(three))).toMatchObject({ connections: 0 })
  })

  test('hears of a process that came later when another one asks, and nothing more once it has stopped to watch', async () => {
    const deployment = memory()
    const [one, two] = [open(deployment), open(deployment)]
    const heard = watch(one)
    await eventually(() => heard.size === 1)
    const alsoHeard = watch(two)
    await eventually(() => heard.size === 2 && alsoHeard.size === 2)
    heard.stop()
    heard.clear()
    const third = watch(open(deployment))
    await eventually(() => third.size === 3)
    expect(heard.size).toBe(0)
  })

  test('who fails over a status harms neither the others nor itself', async () => {
    const errors: unknown[] = []
    const deployment = memory()
    const one = open(deployment, { onError: (error) => errors.push(error) })
    one.watchProcesses(() => {
      throw new Error('broken')
    })
    const heard = watch(one)
    await open(deployment).start()
    watch(open(deployment))
    await eventually(() => heard.size === 3)
    expect(errors.length).toBeGreaterThan(0)
  })

  test('costs nothing while nobody does: processes are silent', async () => {
    const { deployment, payloads } = overheard()
    await Promise.all([open(deployment).start(), open(deployment).start()])
    const heard = watch(open(deployment))
    await eventually(() => heard.size === 3)
    // The question, and an answer from each of three.
    expect(payloads.splice(0).filter((payload) => payload.includes('"fleet"'))).toHaveLength(4)
  })
})

describe('the status line', () => {
  test('has at most 2,000 bytes and 20 connections: the most lagging, then the newest', async () => {
    const { deployment, payloads } = overheard()
    const one = open(deployment)
    const streams: Connection[] = []
    for (let user = 0; user < 30; user++) streams.push(await one.connect({ userId: `user-${user}`, channels: ['room-7'] }))
    for (const stream of streams) await stream.next()
    // All wait for what comes, but two, who lag behind the event.
    const waiting = streams.filter((_, user) => user !== 3 && user !== 5).map((stream) => stream.next())
    await one.publishGlobal({ type: 'x' })
    await Promise.all(waiting)
    const again = streams.filter((_, user) => user !== 3 && user !== 5).map((stream) => stream.next())
    await eventually(() => Date.now() - Date.parse(one.stats().listener.since) > 5)
    const heard = watch(open(deployment))
    await eventually(() => heard.has(idOf(one)))
    const { lagging } = heard.get(idOf(one)) as ProcessStatus
    expect(lagging.slice(0, 2).map(({ userId }) => userId)).toEqual(expect.arrayContaining(['user-3', 'user-5']))
    expect(lagging.slice(0, 2).every(({ lagMs }) => lagMs > 0)).toBe(true)
    expect(lagging.slice(2).map(({ userId }) => userId)).toEqual(
      Array.from({ length: lagging.length - 2 }, (_, index) => `user-${29 - index}`),
    )
    expect(lagging.length).toBeGreaterThan(15)
    expect(lagging.length).toBeLessThanOrEqual(20)
    const line = payloads.find((payload) => payload.includes(`"status":{"process":"${idOf(one)}"`))
    expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(2_000)
    for (const stream of streams) stream.close()
    await Promise.all(again)
  })

  test('leaves out a connection whose names do not fit, and keeps those that do', async () => {
    const { deployment, payloads } = overheard()
    const one = open(deployment)
    const channels = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(250))
    await one.connect({ userId: 'short' })
    await one.connect({ userId: 'long', channels })
    const heard = watch(one)
    const other = watch(open(deployment))
    await eventually(() => other.has(idOf(one)))
    expect(other.get(idOf(one))?.connections).toBe(2)
    expect(other.get(idOf(one))?.lagging.map(({ userId }) => userId)).toEqual(['short'])
    expect(heard.get(idOf(one))?.lagging.map(({ userId }) => userId)).toEqual(['long', 'short'])
    for (const payload of payloads) expect(new TextEncoder().encode(payload).length).toBeLessThanOrEqual(2_000)
  })
})

describe('a search for one user', () => {
  test('finds the connections in all processes, and disconnect ends the one that is named, from anywhere', async () => {
    const deployment = memory()
    const [one, two, admin] = [open(deployment), open(deployment), open(deployment)]
    const mine = [await one.connect({ userId: 7 }), await two.connect({ userId: 7, channels: ['a'] })] as const
    const others = await two.connect({ userId: 8 })
    watch(admin)
    const { connections, total, silent } = await admin.findConnections({ userId: 7 })
    expect(connections.map(({ id, process }) => ({ id, process }))).toEqual(
      expect.arrayContaining([
        { id: mine[0].id, process: idOf(one) },
        { id: mine[1].id, process: idOf(two) },
      ]),
    )
    expect([connections.length, total, silent]).toEqual([2, 2, []])
    await admin.disconnect({ connectionId: mine[1].id })
    expect(await mine[1].closed).toBe('disconnected')
    expect((await admin.findConnections({ userId: 7 })).connections.map(({ id }) => id)).toEqual([mine[0].id])
    await admin.disconnect({ userId: 7 })
    expect(await mine[0].closed).toBe('disconnected')
    expect(two.stats().connections).toBe(1)
    others.close()
  })

  test('gets at most 100 from one process, says how many there are, and no payload is longer than the notifier takes', async () => {
    const { deployment, payloads } = overheard(2_000)
    const [one, admin] = [open(deployment), open(deployment)]
    for (let stream = 0; stream < 120; stream++) await one.connect({ userId: 7, channels: ['room'] })
    watch(admin)
    const { connections, total } = await admin.findConnections({ userId: 7 })
    expect([connections.length, total]).toEqual([100, 120])
    expect(new Set(connections.map(({ id }) => id)).size).toBe(100)
    expect(payloads.filter((payload) => payload.includes('"found"')).length).toBeGreaterThan(3)
    for (const payload of payloads) expect(new TextEncoder().encode(payload).length).toBeLessThanOrEqual(2_000)
  })

  test('names the processes that gave no answer', async () => {
    const deployment = memory()
    const [one, admin] = [open(deployment), open(deployment)]
    await one.start()
    const heard = watch(admin)
    await eventually(() => heard.size === 2)
    await one.stop()
    expect(await admin.findConnections({ userId: 7 })).toEqual({ connections: [], total: 0, silent: [idOf(one)] })
  })

  test('is refused without a user', async () => {
    const trunkline = open(memory())
    await expect(trunkline.findConnections({ userId: '' })).rejects.toMatchObject({ code: 'invalid_user' })
    // @ts-expect-error -- what a caller without types may do
    await expect(trunkline.findConnections({})).rejects.toMatchObject({ code: 'invalid_user' })
  })
})

describe('what anyone may send', () => {
  const hostile = [
    '{"v":1,"fleet":{"status":{"process":7}}}',
    '{"v":1,"fleet":{"nonsense":true}}',
    '{"v":1,"fleet":{"found":{"process":"x","userId":"7","total":1,"more":false,"connections":[["id","7",[],1e300,0,null]]}}}',
    '{"v":1,"fleet":null}',
  ]

  test.each(hostile)('%s is no more than a hint, and nobody is told', async (payload) => {
    const deployment = memory()
    const trunkline = open(deployment)
    const heard = watch(trunkline)
    await eventually(() => heard.size === 1)
    await deployment.notifier.notify(payload)
    const stream = new StreamReader(await trunkline.connect({ userId: null }))
    await trunkline.publishGlobal({ type: 'x' })
    await stream.untilEvents(1)
    expect(heard.size).toBe(1)
  })
})

/** What a process hears of all processes, the last of each. */
class Heard extends Map<string, ProcessStatus> {
  stop = (): void => {}
}

function watch(trunkline: Trunkline): Heard {
  const heard = new Heard()
  heard.stop = trunkline.watchProcesses((status) => heard.set(status.process, status))
  return heard
}

function idOf(trunkline: Trunkline): string {
  return trunkline.stats().process
}

/** A deployment whose payloads are written down. */
function overheard(maxPayloadBytes = 7_999): { readonly deployment: Deployment; readonly payloads: string[] } {
  const { store, notifier } = memory()
  const payloads: string[] = []
  const listening: Notifier = {
    maxPayloadBytes,
    notify(payload) {
      payloads.push(payload)
      return notifier.notify(payload)
    },
    listen: (handlers: ListenHandlers) => notifier.listen(handlers),
  }
  return { deployment: { store, notifier: listening }, payloads }
}
