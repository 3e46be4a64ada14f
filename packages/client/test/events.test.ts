import { afterEach, describe, expect, test, vi } from 'vitest'

import { maxWaitingEvents } from '../src/event-loop.ts'
import type { Client, ClientOptions } from '../src/types.ts'
import { answering, connected, createStream, cursor, event, quickClient, until } from './support.ts'

afterEach(() => void vi.restoreAllMocks())

/** A client on a stream that the test writes. */
function setUp(options: ClientOptions = {}): { readonly client: Client; readonly write: (text: string) => void } {
  const { response, write } = createStream()
  const client = quickClient({ endpoint: 'http://localhost/', ...options }, { fetch: answering(response) })
  return { client, write }
}

/** A target that remembers the names of what it was given. */
function createTarget(): EventTarget & { readonly fired: readonly CustomEvent<unknown>[] } {
  const fired: CustomEvent<unknown>[] = []
  return Object.assign(new EventTarget(), {
    fired,
    dispatchEvent: (given: Event) => fired.push(given as CustomEvent<unknown>) > 0,
  })
}

describe('DOM events', () => {
  test('are <prefix>:<type> with exactly the published detail, on each (re)connect <prefix>:connected', async () => {
    const target = createTarget()
    const { client, write } = setUp({ target, prefix: 'djr' })
    const details = [{ a: [1, { b: null }], ':id': null }, 'text', 7, null, [], { type: 'other', id: 1 }]
    write(connected(cursor(1)) + details.map((detail, index) => event(cursor(index + 2), 'a', detail)).join(''))
    await until(() => target.fired.length === details.length + 1)
    expect(target.fired.map(({ type }) => type)).toEqual(['djr:connected', ...details.map(() => 'djr:a')])
    expect(target.fired.slice(1).map(({ detail }) => detail)).toEqual(details)
    expect(target.fired[0]?.detail).toEqual({ cursor: cursor(1) })
    client.close()
  })

  test.each([
    [{ ':id': '42' }, '42'],
    [{ ':id': 42 }, '42'],
    [{ ':id': 0 }, '0'],
    [{ ':id': -1.5 }, '-1.5'],
    [{ ':id': ' ' }, ' '],
    [{ ':id': '' }, null],
    [{ ':id': null }, null],
    [{ ':id': true }, null],
    [{ ':id': {} }, null],
    [{ ':id': ['42'] }, null],
    [{ id: 42 }, null],
    [[], null],
    ['42', null],
    [null, null],
  ])('with %j fire for the entity %j too, after the type', async (detail, id) => {
    const target = createTarget()
    const { client, write } = setUp({ target })
    const keys: string[] = []
    client.on('page', () => keys.push('page'))
    client.on(`page:${id}`, () => keys.push('page:id'))
    write(event(cursor(1), 'page', detail) + event(cursor(2), 'end'))
    await client.once('end')
    expect(target.fired.map(({ type }) => type)).toEqual([
      'trunkline:page',
      ...(id === null ? [] : [`trunkline:page:${id}`]),
      'trunkline:end',
    ])
    expect(keys).toEqual(id === null ? ['page'] : ['page', 'page:id'])
    client.close()
  })

  test('with an id that is no finite number fire for the type alone', async () => {
    const target = createTarget()
    const { client, write } = setUp({ target })
    write('data: {"type":"page","detail":{":id":1e999}}\n\n' + event(cursor(2), 'end'))
    await client.once('end')
    expect(target.fired.map(({ type }) => type)).toEqual(['trunkline:page', 'trunkline:end'])
    client.close()
  })
})

describe('on', () => {
  test('hears its type, its entity or everything, in the order of the stream', async () => {
    const { client, write } = setUp()
    const heard: string[] = []
    client.on('a', (_detail, { id }) => heard.push(`a ${id}`))
    client.on('a:1', (_detail, { id }) => heard.push(`a:1 ${id}`))
    client.on('*', (_detail, { type }) => heard.push(`* ${type}`))
    write(
      event(cursor(1), 'a', { ':id': 1 }) + event(cursor(2), 'b') + event(cursor(3), 'a', { ':id': 2 }) + event(cursor(4), 'end'),
    )
    await client.once('end')
    const [first, , third] = [1, 2, 3].map((position) => `id-${cursor(position)}`)
    expect(heard).toEqual([`a ${first}`, `a:1 ${first}`, '* a', '* b', `a ${third}`, '* a', '* end'])
    client.close()
  })

  test('gives the whole event, deeply frozen; cursor only where it was stored', async () => {
    const { client, write } = setUp()
    const events: unknown[] = []
    client.on('*', (_detail, given) => events.push(given))
    write(event(cursor(1), 'a', { list: [{ n: 1 }], __proto__x: 1 }) + event(null, 'b'))
    await client.once('b')
    const [stored, live] = events as [{ detail: { list: [{ n: number }] } }, object]
    expect(stored).toEqual({
      id: `id-${cursor(1)}`,
      type: 'a',
      detail: { list: [{ n: 1 }], __proto__x: 1 },
      scope: 'global',
      createdAt: '2026-01-01T00:00:00.000Z',
      cursor: cursor(1),
    })
    expect('cursor' in live).toBe(false)
    expect(() => void (stored.detail.list[0].n = 2)).toThrow(TypeError)
    expect([stored, live].every((given) => Object.isFrozen(given))).toBe(true)
    client.close()
  })

  test('returns its unsubscribe, which takes off one subscription, also while an event is handed out', async () => {
    const { client, write } = setUp()
    const heard: string[] = []
    const listener = (): number => heard.push('twice')
    client.on('a', listener)
    const stopSecond = client.on('a', listener)
    client.on('a', () => {
      stopThird()
      client.on('a', () => heard.push('late'))
    })
    const stopThird = client.on('a', () => heard.push('never'))
    stopSecond()
    stopSecond()
    write(event(cursor(1), 'a') + event(cursor(2), 'end'))
    await client.once('end')
    expect(heard).toEqual(['twice'])
    client.close()
  })

  test('a listener that throws is reported, and harms no other listener, event or DOM event', async () => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    const target = createTarget()
    const { client, write } = setUp({ target })
    const error = new Error('mine')
    const heard: unknown[] = []
    const fail = (): never => {
      throw error
    }
    client.onState(fail)
    client.on('a', fail)
    client.on('a', (detail) => heard.push(detail))
    write(connected(cursor(1)) + event(cursor(2), 'a', 1) + event(cursor(3), 'a', 2) + event(cursor(4), 'end'))
    await client.once('end')
    expect(heard).toEqual([1, 2])
    expect(target.fired).toHaveLength(4)
    expect(reported.mock.calls).toEqual([[error], [error], [error]])
    client.close()
  })

  test('with reportError, as in browsers, errors go there', async () => {
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    const { client, write } = setUp()
    client.on('a', () => {
      throw 'mine'
    })
    write(event(cursor(1), 'a') + event(cursor(2), 'end'))
    await client.once('end')
    expect(reported).toEqual(['mine'])
    vi.unstubAllGlobals()
    client.close()
  })

  test('what is no event of this dialect is reported and passed over', async () => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { client, write } = setUp()
    const heard: string[] = []
    client.on('*', (_detail, { type }) => heard.push(type))
    write(
      'data: {"type":"flat","n":1}\n\ndata: not json\n\ndata: null\n\n: comment\n\nevent: unknown\ndata: {}\n\n' +
        event(cursor(1), 'a'),
    )
    await client.once('a')
    expect(heard).toEqual(['a'])
    expect(reported.mock.calls.map(([error]) => String(error))).toEqual([
      'TypeError: Not an event: {"type":"flat","n":1}',
      'TypeError: Not an event: not json',
      'TypeError: Not an event: null',
    ])
    client.close()
  })
})

describe('once', () => {
  test('resolves with the next event and listens no longer', async () => {
    const { client, write } = setUp()
    const next = client.once('a:1')
    write(
      event(cursor(1), 'a', { ':id': 2 }) + event(cursor(2), 'a', { ':id': 1, n: 1 }) + event(cursor(3), 'a', { ':id': 1, n: 2 }),
    )
    expect(await next).toMatchObject({ type: 'a', detail: { n: 1 } })
    client.close()
  })

  test('rejects with the reason of its signal, before and during the wait', async () => {
    const { client } = setUp()
    const controller = new AbortController()
    const next = client.once('a', { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
    await expect(client.once('a', { signal: controller.signal })).rejects.toThrow('enough')
    client.close()
  })

  test('rejects when the client stops, and at once when it has stopped', async () => {
    const { client } = setUp()
    const next = client.once('a', { signal: new AbortController().signal })
    client.close()
    await expect(next).rejects.toMatchObject({ name: 'AbortError', message: 'Client stopped: closed' })
    await expect(client.once('a')).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('events', () => {
  test('hands out every event from its first step on, and ends with the client after the last one', async () => {
    const { client, write } = setUp()
    const seen: string[] = []
    let arrived = 0
    client.on('*', () => arrived++)
    const loop = (async () => {
      for await (const { type } of client.events()) {
        seen.push(type)
        if (type === 'b') await until(() => arrived === 5)
        if (type === 'd') client.close()
      }
    })()
    write(['a', 'b', 'c', 'd', 'e'].map((type, index) => event(cursor(index + 1), type)).join(''))
    await loop
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('ends with its signal, and listens no longer after a break', async () => {
    const { client, write } = setUp()
    const controller = new AbortController()
    const ended = (async () => {
      for await (const { type } of client.events({ signal: controller.signal })) expect.unreachable(type)
    })()
    controller.abort()
    await ended
    for await (const { type } of client.events({ signal: controller.signal })) expect.unreachable(type)

    write(event(cursor(1), 'a') + event(cursor(2), 'b'))
    for await (const { type } of client.events()) {
      expect(type).toBe('a')
      break
    }
    client.close()
  })

  test('a loop that is slower than its bound ends with an error, not with a gap', async () => {
    const { client, write } = setUp()
    let done = 0
    let last = 0
    client.on('*', () => done++)
    const loop = (async () => {
      for await (const { detail } of client.events()) {
        expect(detail).toBe(++last)
        await until(() => done > maxWaitingEvents + 1)
      }
    })()
    for (let from = 1; from <= maxWaitingEvents + 2; from += 1_000) {
      let text = ''
      for (let position = from; position < from + 1_000; position++) text += event(cursor(position), 'n', position)
      write(text)
    }
    await expect(loop).rejects.toThrow(`events() fell ${maxWaitingEvents} events behind.`)
    expect(last).toBe(1)
    // Only the loop has ended.
    expect(client.state.status).toBe('open')
    client.close()
  })
})

test('debug tells the story', async () => {
  const told = vi.spyOn(console, 'debug').mockImplementation(() => {})
  const { client, write } = setUp({ debug: true })
  write(connected(cursor(1)) + event(cursor(2), 'a') + event(cursor(2), 'a') + event(cursor(3), 'end'))
  await client.once('end')
  client.close()
  expect(told.mock.calls.map(([prefix, what]) => `${prefix} ${what}`)).toEqual([
    '[trunkline] connecting',
    '[trunkline] open',
    '[trunkline] event',
    '[trunkline] duplicate',
    '[trunkline] event',
    '[trunkline] stopped',
  ])
})

test('an endpoint that is no address is an error at once, not an attempt that fails for ever', () => {
  expect(() => quickClient({ endpoint: '/realtime/sse' })).toThrow(TypeError)
})
