import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { createTrunkline, hasCode, memory, type TrunklineOptions, type Store } from '@trunkline/core'

import { eventually } from './support.ts'

function open(options: Partial<TrunklineOptions<{}, never, unknown>> = {}) {
  return createTrunkline({ ...memory(), ...options })
}

/** The code a call is refused with; fails when it is not refused. */
async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ name: 'TrunklineError' })
  return (error as { code: string }).code
}

describe('what publish refuses', () => {
  // Callers without types: JavaScript, and everything that came out of a request.
  const unchecked = (input: object) => input as never

  test.each([
    ['no user', {}],
    ['null', { userId: null }],
    ['an empty user', { userId: '' }],
    ['NaN', { userId: Number.NaN }],
    ['a fraction', { userId: 1.5 }],
    ['an unsafe integer', { userId: 2 ** 53 }],
    ['an object', { userId: {} }],
    ['a user with control characters', { userId: 'a\u0000b' }],
  ])('%s as a user', async (_, user) => {
    const trunkline = open()
    expect(await codeOf(trunkline.publish(unchecked({ ...user, type: 'x' })))).toBe('invalid_user')
    expect((await trunkline.find()).events).toEqual([])
  })

  test.each(['connected', 'reset', 'heartbeat', 'goodbye', 'trunkline.audit', '*'])('the reserved type %s', async (name) => {
    expect(await codeOf(open().publishGlobal({ type: name }))).toBe('reserved_type')
  })

  test.each(['', 'a\nb', 'a\rb', 'a\u0000b', 'a\u0085b', 'x'.repeat(256), '\ud800', 7, null, undefined])(
    'the type %j',
    async (name) => {
      expect(await codeOf(open().publishGlobal(unchecked({ type: name })))).toBe('invalid_type')
    },
  )

  test.each(['', 'a\nb', 'é'.repeat(128), null])('the channel %j', async (channel) => {
    expect(await codeOf(open().publishToChannel(unchecked({ channel, type: 'x' })))).toBe('invalid_channel')
  })

  test.each([
    ['a BigInt', { n: 1n }, 'detail["n"] must be JSON, got a BigInt'],
    ['NaN', [1, Number.NaN], 'detail[1] must be JSON, got NaN'],
    ['a function', { f: () => 1 }, 'detail["f"] must be JSON, got a function'],
    ['a Map', { a: { b: new Map() } }, 'detail["a"]["b"] must be JSON, got a Map'],
    ['a promise', Promise.resolve(1), 'detail must be JSON, got a Promise'],
    ['undefined in a list', [undefined], 'detail[0] must be JSON, got undefined'],
  ])('%s in a detail, saying where it is', async (_, detail, message) => {
    await expect(open().publishGlobal({ type: 'x', detail })).rejects.toThrow(message)
  })

  test('a circle', async () => {
    const detail: { self?: unknown } = {}
    detail.self = detail
    expect(await codeOf(open().publishGlobal({ type: 'x', detail }))).toBe('invalid_detail')
  })

  test.each(['\n', '\u0000', 'x'.repeat(256)])('the entity id %j', async (id) => {
    expect(await codeOf(open().publishGlobal({ type: 'x', detail: { ':id': id } }))).toBe('invalid_entity_id')
  })

  test('an event over maxEventBytes, counting bytes and private data', async () => {
    const trunkline = open({ maxEventBytes: 100 })
    expect(await codeOf(trunkline.publishGlobal({ type: 'x', detail: 'é'.repeat(50) }))).toBe('event_too_large')
    expect(await codeOf(trunkline.publishGlobal({ type: 'x', detail: 'x', privateData: 'y'.repeat(100) }))).toBe(
      'event_too_large',
    )
    await trunkline.publishGlobal({ type: 'x', detail: 'é'.repeat(49) })
    expect((await trunkline.find()).events).toHaveLength(1)
  })

  test('raw beside detail, raw that is not text, raw with NUL', async () => {
    const trunkline = open()
    for (const input of [{ raw: 'x', detail: {} }, { raw: 1 }, { raw: '\u0000' }]) {
      expect(await codeOf(trunkline.publishGlobal(unchecked({ type: 'x', ...input })))).toBe('invalid_detail')
    }
  })

  test('a transaction where the store has none', async () => {
    expect(await codeOf(open().publishGlobal({ type: 'x' }, { transaction: {} as never }))).toBe('invalid_transaction')
  })

  test('what needs a store, without one', async () => {
    const { notifier } = memory()
    const trunkline = createTrunkline({ notifier })
    expect(await codeOf(trunkline.publishGlobal({ type: 'x', privateData: 1 }))).toBe('no_store')
    expect(await codeOf(trunkline.publishGlobal({ type: 'x', idempotencyKey: 'k' }))).toBe('no_store')
    expect(await codeOf(trunkline.publishGlobal({ type: 'x' }, { transaction: {} as never }))).toBe('no_store')
    expect(await codeOf(trunkline.cursor())).toBe('no_store')
    expect(await codeOf(trunkline.find())).toBe('no_store')
    expect(await trunkline.publishGlobal({ type: 'x' })).toMatchObject({ cursor: null, duplicate: false })
  })

  test('an unstored event that does not fit a notification, before anything of the call is stored', async () => {
    const { store, notifier } = memory()
    const trunkline = createTrunkline({ store, notifier: { ...bind(notifier), maxPayloadBytes: 500 } })
    const call = trunkline.publishMany([
      { scope: 'global', type: 'kept' },
      { scope: 'global', type: 'x', detail: 'x'.repeat(500), store: false },
    ])
    expect(await codeOf(call)).toBe('event_too_large')
    expect((await trunkline.find()).events).toEqual([])
  })
})

describe('what publish makes of its input', () => {
  test('user ids are kept as strings', async () => {
    const trunkline = open()
    for (const userId of ['a', 7, 9n]) await trunkline.publish({ userId, type: 'x' })
    expect((await trunkline.find()).events.map(({ userId }) => userId)).toEqual(['9', '7', 'a'])
  })

  test('a detail that is left out is {}; dates are ISO strings; undefined properties are not there', async () => {
    const trunkline = open()
    await trunkline.publishGlobal({ type: 'x' })
    await trunkline.publishGlobal({ type: 'x', detail: { at: new Date(0), gone: undefined } })
    expect((await trunkline.find()).events.map(({ detail }) => detail)).toEqual([{ at: '1970-01-01T00:00:00.000Z' }, {}])
  })

  test('the receipt says where the event stands, and get and find give it back with its private data', async () => {
    const trunkline = open()
    const receipt = await trunkline.publish({ userId: 1, type: 'x', detail: { ':id': 5 }, privateData: { secret: true } })
    const event = await trunkline.get(receipt.id)
    expect(event).toMatchObject({ id: receipt.id, cursor: receipt.cursor, userId: '1', privateData: { secret: true } })
    expect((await trunkline.find({ entityId: '5' })).events).toEqual([event])
    expect(Object.isFrozen(event)).toBe(true)
    expect(await trunkline.get('nobody')).toBeNull()
  })

  test('a repeated idempotencyKey resolves with the first receipt', async () => {
    const trunkline = open()
    const first = await trunkline.publishGlobal({ type: 'x', idempotencyKey: 'once' })
    const again = await trunkline.publishGlobal({ type: 'x', idempotencyKey: 'once' })
    expect(again).toEqual({ ...first, duplicate: true })
    expect((await trunkline.find()).events).toHaveLength(1)
  })

  test('find pages through the log, newest first', async () => {
    const trunkline = open()
    await trunkline.publishMany(Array.from({ length: 25 }, (_, n) => ({ scope: 'global', type: 'x', detail: { n } }) as const))
    const seen: unknown[] = []
    let before: string | null = await trunkline.cursor()
    const newest = await trunkline.find({ limit: 1 })
    expect(newest.next).toBe(before)
    seen.push(24)
    do {
      const page: Awaited<ReturnType<typeof trunkline.find>> = await trunkline.find({ limit: 8, before })
      seen.push(...page.events.map(({ detail }) => (detail as { n: number }).n))
      before = page.next
    } while (before !== null)
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => 24 - n))
    await expect(trunkline.find({ before: 'nonsense' })).rejects.toSatisfy((error) => hasCode(error, 'invalid_cursor'))
    await expect(trunkline.find({ limit: 0 })).rejects.toSatisfy((error) => hasCode(error, 'invalid_filter'))
    await expect(trunkline.find({ typ: 'x' } as never)).rejects.toSatisfy((error) => hasCode(error, 'invalid_filter'))
  })
})

describe('a catalogue', () => {
  const events = {
    valibot: v.object({ n: v.number() }),
    zod: z.object({ text: z.string().default('…') }),
    arktype: type({ 'flag?': 'boolean' }),
  }
  const trunkline = createTrunkline({ ...memory(), events })

  test('refuses types that are not in it', async () => {
    expect(await codeOf(trunkline.publishGlobal({ type: 'other' as 'valibot', detail: { n: 1 } }))).toBe('unknown_type')
    expect(await codeOf(trunkline.publishGlobal({ type: 'toString' as 'valibot', detail: { n: 1 } }))).toBe('unknown_type')
  })

  test("refuses a detail with the schema's own message and the place", async () => {
    await expect(trunkline.publishGlobal({ type: 'valibot', detail: { n: 'x' as unknown as number } })).rejects.toThrow(
      /n: Invalid type: Expected number/,
    )
    await expect(trunkline.publishGlobal({ type: 'arktype', detail: { flag: 1 as unknown as boolean } })).rejects.toThrow(
      /flag must be boolean/,
    )
  })

  test('publishes what the schema made of the detail', async () => {
    const { id } = await trunkline.publishGlobal({ type: 'zod', detail: {} })
    expect((await trunkline.get(id))?.detail).toEqual({ text: '…' })
  })
})

describe('group commit', () => {
  test('what is published while a flush is in flight goes out in one next flush, and one wake-up each', async () => {
    const { store, notifier } = memory()
    const sizes: number[] = []
    let woken = 0
    const trunkline = createTrunkline({
      store: {
        ...bind(store),
        append: async (events, options) => {
          sizes.push(events.length)
          await new Promise((resolve) => setTimeout(resolve, 50))
          return store.append(events, options)
        },
      },
      notifier: {
        ...bind(notifier),
        notify: (payload) => {
          woken++
          return notifier.notify(payload)
        },
      },
    })
    const first = trunkline.publishGlobal({ type: 'x' })
    await eventually(() => sizes.length === 1)
    await Promise.all([first, ...Array.from({ length: 63 }, () => trunkline.publishGlobal({ type: 'x' }))])
    expect(sizes).toEqual([1, 63])
    expect(woken).toBe(2)
    expect(trunkline.stats().counters).toMatchObject({ published: 64, stored: 64, flushes: 2 })
  })

  test('the next flush leaves before the publishers of the last one are told, where the store wakes by itself', async () => {
    const { store, notifier } = memory()
    const story: string[] = []
    const answers: (() => void)[] = []
    const trunkline = createTrunkline({
      store: {
        ...bind(store),
        notifiesOnAppend: true,
        append: async (events, options) => {
          story.push(`flush of ${events.length}`)
          await new Promise<void>((resolve) => answers.push(resolve))
          return store.append(events, options)
        },
      },
      notifier,
    })
    const publish = async (name: string): Promise<void> => {
      await trunkline.publishGlobal({ type: 'x' })
      story.push(`told ${name}`)
    }
    const published = [publish('a')]
    await eventually(() => answers.length === 1)
    published.push(publish('b'), publish('c'))
    answers.shift()?.()
    await eventually(() => answers.length === 1)
    answers.shift()?.()
    await Promise.all(published)
    expect(story).toEqual(['flush of 1', 'flush of 2', 'told a', 'told b', 'told c'])
  })

  test('a bad event fails its own publish, and the 63 others of its flush are stored in order', async () => {
    const { store, notifier } = memory()
    const trunkline = createTrunkline({
      store: {
        ...bind(store),
        append: async (events, options) => {
          if (events.some(({ body }) => body.includes('poison'))) throw new Error('refused by the store')
          return store.append(events, options)
        },
      },
      notifier,
    })
    const calls = Array.from({ length: 64 }, (_, n) => trunkline.publishGlobal({ type: 'x', detail: n === 20 ? 'poison' : n }))
    const results = await Promise.allSettled(calls)
    expect(results.map(({ status }) => status === 'rejected')).toEqual(calls.map((_, n) => n === 20))
    const stored = (await trunkline.find({ limit: 100 })).events.map(({ detail }) => detail).toReversed()
    expect(stored).toEqual(Array.from({ length: 64 }, (_, n) => n).filter((n) => n !== 20))
  })

  test('publishMany is all or nothing', async () => {
    const trunkline = open()
    const call = trunkline.publishMany([
      { scope: 'global', type: 'x' },
      { scope: 'user', userId: '', type: 'x' },
    ])
    expect(await codeOf(call)).toBe('invalid_user')
    expect((await trunkline.find()).events).toEqual([])
    expect(await trunkline.publishMany([])).toEqual([])
    expect(await codeOf(trunkline.publishMany([{ type: 'x' } as never]))).toBe('invalid_event')
  })

  test('stop waits for what is being published, and refuses what comes after', async () => {
    const trunkline = open()
    const last = trunkline.publishGlobal({ type: 'x' })
    await trunkline.stop()
    expect((await last).cursor).not.toBeNull()
    expect(await codeOf(trunkline.publishGlobal({ type: 'x' }))).toBe('stopped')
  })
})

/** A port's members as own properties, so that one can be replaced. */
function bind<T extends object>(port: T): T {
  const bound: Record<string, unknown> = {}
  for (const name of ['append', 'read', 'bounds', 'prune', 'notify', 'listen']) {
    const member = (port as Record<string, unknown>)[name]
    if (typeof member === 'function') bound[name] = member.bind(port)
  }
  const { archive } = port as unknown as Store
  return { ...bound, ...(archive === undefined ? {} : { archive }) } as T
}
