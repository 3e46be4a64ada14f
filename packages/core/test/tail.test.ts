import { afterEach, describe, expect, test } from 'vitest'

import { createTrunkline, memory, type LogEvent, type Notifier, type Page, type Store, type Trunkline } from '@trunkline/core'

import { parseCursor } from '../src/cursor.ts'
import { eventually, StreamReader } from './support.ts'

const opened: Trunkline[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((trunkline) => trunkline.stop({ graceMs: 0 })))
})

/** A deployment whose notifier says only what the test says, and whose reads of the store are counted and can fail. */
function silent() {
  const { store, notifier } = memory()
  const say: ((payload: string) => void)[] = []
  const relisten: (() => void)[] = []
  const control = { reads: 0, failing: false, change: (page: Page): Page => page }
  const quiet: Notifier = {
    notify: () => Promise.resolve(),
    listen: (handlers) => {
      say.push((payload) => handlers.onPayload(payload))
      relisten.push(() => handlers.onListening())
      queueMicrotask(() => handlers.onListening())
      return async () => {}
    },
  }
  const counted: Store = {
    append: (events, options) => store.append(events, options),
    read: async (query) => {
      control.reads++
      if (control.failing) throw new Error('away')
      // More than the audience may see: whom an event is for is decided once more by core.
      return control.change(await store.read({ ...query, audience: 'everything' }))
    },
    bounds: async () => {
      const { epoch, floor, head } = control.change({ ...(await store.bounds()), events: [], through: 0, tag: null })
      return { epoch, floor, head }
    },
    prune: (query) => store.prune(query),
  }
  const errors: unknown[] = []
  const trunkline = createTrunkline({ store: counted, notifier: quiet, onError: (error) => errors.push(error) })
  const publisher = createTrunkline({ store, notifier })
  opened.push(trunkline, publisher)
  return {
    trunkline,
    publisher,
    store,
    control,
    errors,
    say: (payload: unknown) => say.forEach((hear) => hear(typeof payload === 'string' ? payload : JSON.stringify(payload))),
    relisten: () => relisten.forEach((listening) => listening()),
  }
}

async function connected(trunkline: Trunkline): Promise<StreamReader> {
  const reader = new StreamReader(await trunkline.connect({ userId: null }))
  return reader.until(() => reader.frames.length > 0)
}

function inline(event: LogEvent): unknown[] {
  const { position, id, type, scope, userId, channel, entityId, body, raw, skipUserIds, createdAt } = event
  return [position, id, type, scope, userId, channel, entityId, body, raw, skipUserIds, createdAt]
}

function parts(store: Store): Store {
  return {
    append: (events, options) => store.append(events, options),
    read: (query) => store.read(query),
    bounds: () => store.bounds(),
    prune: (query) => store.prune(query),
  }
}

async function everything(store: Store): Promise<{ epoch: string; events: readonly LogEvent[] }> {
  return store.read({ after: 0, audience: 'everything', limit: 1_000, signal: AbortSignal.timeout(1_000) })
}

describe('hints', () => {
  test('inline events that follow directly are delivered without a read', async () => {
    const { trunkline, publisher, store, control, say } = silent()
    const reader = await connected(trunkline)
    await publisher.publishMany([
      { scope: 'global', type: 'a' },
      { scope: 'global', type: 'b' },
    ])
    const { epoch, events } = await everything(store)
    const before = control.reads
    const arrived = reader.untilEvents(2)
    say({ v: 1, log: { epoch, after: 0, last: 2, events: events.map(inline) } })
    await arrived
    expect(reader.events.map(({ type }) => type)).toEqual(['a', 'b'])
    expect(control.reads).toBe(before)
  })

  test('what a process published itself is delivered without a signal and without a read', async () => {
    const { trunkline, control } = silent()
    const reader = await connected(trunkline)
    const before = control.reads
    await trunkline.publishMany(['a', 'b'].map((type) => ({ scope: 'global', type })))
    await trunkline.publishGlobal({ type: 'c' })
    await reader.untilEvents(3)
    expect(reader.events.map(({ type }) => type)).toEqual(['a', 'b', 'c'])
    expect(control.reads).toBe(before)
  })

  test('what others published before that comes first, and once they are read nothing comes twice', async () => {
    const { trunkline, publisher, control, store, say } = silent()
    const reader = await connected(trunkline)
    await publisher.publishGlobal({ type: 'of another' })
    await trunkline.publishGlobal({ type: 'a' })
    await trunkline.publishGlobal({ type: 'b' })
    expect(reader.events).toEqual([])
    const { epoch } = await everything(store)
    control.change = (page) => ({
      ...page,
      events: page.events.slice(0, 1),
      through: Math.min(page.through, page.events[0]?.position ?? page.through),
    })
    const before = control.reads
    say({ v: 1, log: { epoch, after: 0, last: 1 } })
    say({ v: 1, log: { epoch, after: 1, last: 3 } })
    await reader.untilEvents(3)
    await trunkline.publishGlobal({ type: 'c' })
    await reader.untilEvents(4)
    expect(reader.events.map(({ type }) => type)).toEqual(['of another', 'a', 'b', 'c'])
    expect(control.reads).toBe(before + 1)
  })

  test('what it published itself and has no room for is read back', async () => {
    const { trunkline, publisher, store, control, say } = silent()
    const reader = await connected(trunkline)
    await publisher.publishGlobal({ type: 'of another' })
    const padding = 'x'.repeat(200_000)
    for (let detail = 0; detail < 60; detail++) await trunkline.publishGlobal({ type: 'own', detail: { detail, padding } })
    const { epoch } = await everything(store)
    const before = control.reads
    say({ v: 1, log: { epoch, after: 60, last: 61 } })
    await reader.untilEvents(61)
    expect(reader.events.map(({ detail }) => (detail as { detail?: number }).detail)).toEqual([undefined, ...Array(60).keys()])
    expect(control.reads).toBeGreaterThan(before + 1)
  })

  test.each([
    ['an unknown version', { v: 2, log: { after: 0 } }],
    ['nonsense', 'nonsense'],
    ['null', 'null'],
    ['a range', { v: 1, log: { epoch: 'x', after: 0, last: 1 } }],
  ])('%s is a hint to look', async (_, payload) => {
    const { trunkline, publisher, say } = silent()
    const reader = await connected(trunkline)
    await publisher.publishGlobal({ type: 'a' })
    const arrived = reader.untilEvents(1)
    say(payload)
    await arrived
  })

  test('a forged end does not make the tail deaf', async () => {
    const { trunkline, publisher, store, say } = silent()
    const reader = await connected(trunkline)
    await publisher.publishGlobal({ type: 'a' })
    const { epoch } = await everything(store)
    const arrived = reader.untilEvents(1)
    say({ v: 1, log: { epoch, after: 0, last: Number.MAX_SAFE_INTEGER } })
    await arrived
    const next = reader.untilEvents(2)
    await publisher.publishGlobal({ type: 'b' })
    say({ v: 1 })
    await next
  })

  test('inline events that do not follow directly are read from the store, with those before them', async () => {
    const { trunkline, publisher, store, say } = silent()
    const reader = await connected(trunkline)
    await publisher.publishMany([
      { scope: 'global', type: 'a' },
      { scope: 'global', type: 'b' },
    ])
    const { epoch, events } = await everything(store)
    const arrived = reader.untilEvents(2)
    say({ v: 1, log: { epoch, after: 1, last: 2, events: events.slice(1).map(inline) } })
    await arrived
    expect(reader.events.map(({ type }) => type)).toEqual(['a', 'b'])
  })

  test('a hint that repeats what is known costs nothing and delivers nothing twice', async () => {
    const { trunkline, publisher, store, control, say } = silent()
    const reader = await connected(trunkline)
    await publisher.publishGlobal({ type: 'a' })
    const { epoch, events } = await everything(store)
    const arrived = reader.untilEvents(1)
    const hint = { v: 1, log: { epoch, after: 0, last: 1, events: events.map(inline) } }
    say(hint)
    say(hint)
    await arrived
    const before = control.reads
    say(hint)
    expect(control.reads).toBe(before)
    expect(reader.events).toHaveLength(1)
  })

  test('without any, a listening tail looks by itself', async () => {
    const { trunkline, publisher } = silent()
    const reader = await connected(trunkline)
    const arrived = reader.untilEvents(1)
    await publisher.publishGlobal({ type: 'a' })
    await arrived
  }, 10_000)

  test('a tail that hears of unstored events alone still looks by itself', async () => {
    const { trunkline, publisher, say } = silent()
    const reader = await connected(trunkline)
    await publisher.publishGlobal({ type: 'a' })
    const presence = setInterval(() => say({ v: 1, live: [] }), 50)
    try {
      await reader.untilEvents(1)
    } finally {
      clearInterval(presence)
    }
  }, 10_000)

  test('a client that has seen more elsewhere than this process has followed gets nothing twice', async () => {
    const { trunkline, publisher, say } = silent()
    await trunkline.start()
    const { cursor } = await publisher.publishGlobal({ type: 'seen' })
    await publisher.publishGlobal({ type: 'missed' })
    const reader = new StreamReader(await trunkline.connect({ userId: null, cursor: cursor ?? '' }))
    // Out of the store: it stands ahead of this process's tail now.
    await reader.untilEvents(1)
    const arrived = reader.until(() => reader.events.at(-1)?.type === 'new')
    await publisher.publishGlobal({ type: 'new' })
    say({ v: 1 })
    await arrived
    expect(reader.events.map(({ type }) => type)).toEqual(['missed', 'new'])
  })

  test('after each re-listen the tail reads what it missed', async () => {
    const { trunkline, publisher, control, relisten } = silent()
    const reader = await connected(trunkline)
    await publisher.publishGlobal({ type: 'a' })
    const arrived = reader.untilEvents(1)
    const before = control.reads
    relisten()
    // At once, and not when it is time to look anyway.
    expect(control.reads).toBe(before + 1)
    await arrived
  })
})

describe('more than a tail can work off', () => {
  /** A tail that is stuck in a hook, and what it is told meanwhile. */
  async function stuck(unstored: number): Promise<{ readonly reader: StreamReader; readonly errors: readonly unknown[] }> {
    const log = memory()
    const errors: unknown[] = []
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    const trunkline = createTrunkline({
      ...log,
      onError: (error) => errors.push(error),
      onReceive: async (event) => {
        asked.resolve()
        if (event.type === 'slow') await answer.promise
        return event
      },
    })
    const publisher = createTrunkline(log)
    opened.push(trunkline, publisher)
    const reader = await connected(trunkline)
    await publisher.publishGlobal({ type: 'slow' })
    await asked.promise
    for (let n = 0; n < unstored; n++) await publisher.publishGlobal({ type: 'live', detail: n, store: false })
    const stored = Array.from({ length: 1_500 }, () => publisher.publish({ userId: 'another', type: 'stored' }))
    await Promise.all(stored)
    answer.resolve()
    return { reader, errors }
  }

  test('hints are let go, for the log has it all; unstored events are kept', async () => {
    const { reader, errors } = await stuck(400)
    await reader.untilEvents(401)
    expect(reader.details.slice(1)).toEqual(Array.from({ length: 400 }, (_, n) => n))
    expect(reader.named('reset')).toEqual([])
    expect(errors).toEqual([])
  })

  test('unstored events that are too many are let go: clients are told by reset', async () => {
    const { reader, errors } = await stuck(1_200)
    await reader.until(() => reader.named('reset').length > 0)
    expect(JSON.parse(reader.named('reset')[0]?.data ?? '')).toMatchObject({ reason: 'overflow' })
    expect(String(errors)).toContain('unstored events were lost')
  })
})

describe('a tail that lags', () => {
  test('does not make clients that are ahead of it ask the store again and again', async () => {
    const { store, notifier } = memory()
    const publisher = createTrunkline({ store, notifier })
    opened.push(publisher)
    const floor = await publisher.cursor('floor')
    await publisher.publishGlobal({ type: 'first' })
    let reads = 0
    const answer = Promise.withResolvers<void>()
    let isFirst = true
    const trunkline = createTrunkline({
      store: { ...parts(store), read: (query) => (reads++, store.read(query)) },
      notifier,
      onReceive: async (event) => {
        if (isFirst) {
          isFirst = false
          await answer.promise
        }
        return event
      },
    })
    opened.push(trunkline)
    await trunkline.start()
    await publisher.publishGlobal({ type: 'slow' })
    await eventually(() => !isFirst)
    const readers = await Promise.all(
      Array.from({ length: 20 }, async (_, userId) => new StreamReader(await trunkline.connect({ userId, cursor: floor }))),
    )
    await Promise.all(readers.map((reader) => reader.untilEvents(2)))
    const live = Promise.all(readers.map((reader) => reader.untilEvents(3)))
    reads = 0
    await new Promise((resolve) => setTimeout(resolve, 800))
    // Every 50 ms each of them would be 320.
    expect(reads).toBeLessThanOrEqual(40)
    answer.resolve()
    await publisher.publishGlobal({ type: 'last' })
    await live
    for (const reader of readers) expect(reader.events.map(({ type }) => type)).toEqual(['first', 'slow', 'last'])
  })
})

describe('a store that is away', () => {
  test('is asked again until it answers; it is reported once and no event is lost', async () => {
    const { trunkline, publisher, control, errors, say } = silent()
    const reader = await connected(trunkline)
    control.failing = true
    await publisher.publishGlobal({ type: 'a' })
    say({ v: 1 })
    await eventually(() => control.reads > 3)
    const arrived = reader.untilEvents(1)
    control.failing = false
    await arrived
    expect(errors).toHaveLength(1)
  })
})

describe('a log that is not the one it was', () => {
  test('another epoch: every client is told by reset, then goes on live', async () => {
    const { trunkline, publisher, control, errors, say } = silent()
    const reader = await connected(trunkline)
    await publisher.publishGlobal({ type: 'a' })
    const first = reader.untilEvents(1)
    say({ v: 1 })
    await first
    control.change = (page) => ({ ...page, epoch: 'another' })
    const told = reader.until(() => reader.named('reset').length > 0)
    say({ v: 1 })
    await told
    expect(JSON.parse(reader.named('reset')[0]?.data ?? '')).toMatchObject({ reason: 'unknown_epoch' })
    expect(errors).toHaveLength(1)
    const live = reader.untilEvents(2)
    await publisher.publishGlobal({ type: 'b' })
    say({ v: 1 })
    await live
    expect(reader.events.map(({ type }) => type)).toEqual(['a', 'b'])
  })

  test('an event was taken back: only who saw it is told by reset, the others go on', async () => {
    const { trunkline, publisher, store, control, say } = silent()
    const saw = await connected(trunkline)
    const other = new StreamReader(await trunkline.connect({ userId: 2 }))
    await other.until(() => other.frames.length > 0)
    await publisher.publishGlobal({ type: 'a' })
    const both = Promise.all([saw.untilEvents(1), other.untilEvents(1)])
    say({ v: 1 })
    await both
    // A user event that reached this process and its user, and then was lost by the database.
    const third = new StreamReader(await trunkline.connect({ userId: 3 }))
    await third.until(() => third.frames.length > 0)
    const toThird = third.untilEvents(1)
    await publisher.publish({ userId: 3, type: 'lost' })
    say({ v: 1 })
    await toThird
    const { events } = await everything(store)
    const lost = events.at(-1) as LogEvent
    const position = lost.position
    // From now on another event stands at its position.
    const replaced: LogEvent = { ...lost, id: 'ffffffff-another', userId: null, scope: 'global', type: 'new' }
    control.change = (page) => ({
      ...page,
      events: page.events.map((event) => (event.position === position ? replaced : event)),
      tag: page.tag === lost.id.slice(-6) ? replaced.id.slice(-6) : page.tag,
    })
    const told = third.until(() => third.named('reset').length > 0)
    const newToOthers = Promise.all([saw.untilEvents(2), other.untilEvents(2)])
    say({ v: 1 })
    await told
    await newToOthers
    expect(saw.events.map(({ type }) => type)).toEqual(['a', 'new'])
    expect(other.named('reset')).toEqual([])
    expect(parseCursor(third.cursor ?? '')?.position).toBe(position)
  })
})
