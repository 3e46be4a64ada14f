import { afterEach, describe, expect, test } from 'vitest'

import { createTrunkline, memory, type Trunkline } from '@trunkline/core'
import { checkAdapterOptions } from '@trunkline/core/http'

/** What JavaScript, and everything that was cast, may pass. */
const unchecked = (value: unknown): never => value as never

function messageOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    const { code, message } = error as { readonly code: string; readonly message: string }
    return `${code}: ${message}`
  }
  throw new Error('It was not refused.')
}

async function refusalOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => new Error('It was not refused.'),
    (thrown: unknown) => thrown,
  )
  return messageOf(() => {
    throw error
  })
}

describe('createTrunkline says', () => {
  test.each([
    ['nothing', undefined],
    ['no options', {}],
    ['only hooks', { canRead: () => true }],
  ])('what to pass when it was passed %s', (_, options) => {
    const message = messageOf(() => createTrunkline(unchecked(options)))
    expect(message).toMatch(/^invalid_options: createTrunkline needs a place for events/)
    expect(message).toContain('...postgres({ url })')
    expect(message).toContain('...memory()')
  })

  test.each([
    ['heartbeat', 'Unknown option `heartbeat`. Did you mean `heartbeatMs`?'],
    ['heartBeatMs', 'Did you mean `heartbeatMs`?'],
    ['can_read', 'Did you mean `canRead`?'],
    ['onReceived', 'Did you mean `onReceive`?'],
    ['maxConections', 'Did you mean `maxConnections`?'],
    ['poolSize', '`poolSize` is an option of postgres()'],
    ['identify', '`identify` is an option of the adapter.'],
    ['colour', 'Unknown option `colour`. Known: notifier, store, events,'],
  ])('that the option %s is not one, and which was meant', (name, said) => {
    const message = messageOf(() => createTrunkline(unchecked({ ...memory(), [name]: 1 })))
    expect(message).toContain('invalid_options: createTrunkline: ')
    expect(message).toContain(said)
  })

  test.each([
    [{ retention: { maxAge: 5 } }, 'retention must be false or { maxAgeMs, maxEvents }'],
    [{ retention: { maxAgeMs: Number.POSITIVE_INFINITY } }, 'retention'],
    [{ heartbeatMs: Number.POSITIVE_INFINITY }, 'heartbeatMs must be at most 2,147,483,647, got Infinity'],
    [{ hookTimeoutMs: Number.POSITIVE_INFINITY }, 'hookTimeoutMs must be at most'],
    [{ heartbeatMs: '15' }, 'heartbeatMs must be a number, got "15"'],
    [{ canRead: true }, 'canRead must be a function, got true'],
  ])('that %j is wrong', (options, said) => {
    expect(messageOf(() => createTrunkline(unchecked({ ...memory(), ...options })))).toContain(`createTrunkline: ${said}`)
  })

  test('that a hook is misspelt, though a backend may have methods', () => {
    const hook = (): null => null
    for (const [name, meant] of [
      ['canread', 'canRead'],
      ['onRecieve', 'onReceive'],
      ['beforeSent', 'beforeSend'],
    ] as const) {
      const message = messageOf(() => createTrunkline(unchecked({ ...memory(), [name]: hook })))
      expect(message).toContain(`Did you mean \`${meant}\`?`)
    }
    expect(messageOf(() => createTrunkline(unchecked({ ...memory(), identify: hook })))).toContain('an option of the adapter')
  })

  test('where migrate belongs, and takes what a backend has beside its ports', () => {
    expect(messageOf(() => createTrunkline(unchecked({ ...memory(), migrate: true })))).toContain(
      'postgres({ url, migrate: true })',
    )
    const backend = { ...memory(), migrate: async () => ({ applied: [] }), inspect: async () => null }
    createTrunkline({ ...backend })
  })
})

describe('publish refuses, and stores nothing, when it gets', () => {
  const trunkline = createTrunkline({ ...memory() })
  const event = { userId: 1, type: 'x' }

  class Transaction {
    readonly client = {}
  }

  afterEach(async () => expect((await trunkline.find()).events).toEqual([]))

  test.each([
    [
      'a class instance',
      new Transaction(),
      /^invalid_transaction: .*got an object of class Transaction.*pass it as \{ transaction \}/,
    ],
    ['a function', async () => [], /^invalid_transaction: .*got a function.*pass it as \{ transaction \}/],
    ['a transaction that is undefined', { transaction: undefined }, /^invalid_transaction: transaction is undefined/],
    ['another name for it', { tx: {} }, /^invalid_options: publish: Unknown option `tx`. Known: transaction\./],
    ['a misspelt one', { transacton: {} }, /^invalid_options: .*Did you mean `transaction`\?/],
    ['what belongs to the event', { store: false }, /^invalid_options: .*`store` belongs to the event/],
    ['null', null, /^invalid_options: .*got null/],
    ['a list', [{}], /^invalid_options: .*got a list/],
    ['a text', 'now', /^invalid_options: .*got a string/],
  ])('as its second argument %s', async (_, options, said) => {
    const second = unchecked(options)
    expect(await refusalOf(trunkline.publish(event, second))).toMatch(said)
    expect(await refusalOf(trunkline.publishMany([{ ...event, scope: 'user' }], second))).toMatch(said)
  })

  test.each([
    ['a channel', { channel: 'a', type: 'x' }, /has no channel: use publishToChannel\(\{ channel, … \}\)/],
    ['a misspelt detail', { ...event, details: {} }, /Unknown key `details`. Did you mean `detail`\?/],
    ['a payload', { ...event, payload: {} }, /`payload` is called `detail` here/],
    ['a transaction inside it', { ...event, transaction: {} }, /`transaction` goes into the second argument/],
    ['an id', { ...event, id: '1' }, /`id` is Trunkline's to give/],
    ['another scope', { ...event, scope: 'global' }, /says scope "global": use publishGlobal/],
  ])('an event with %s', async (_, input, said) => {
    const message = await refusalOf(trunkline.publish(unchecked(input)))
    expect(message).toMatch(/^invalid_event: An event of scope "user" /)
    expect(message).toMatch(said)
  })

  test('a user for everyone, and users to skip outside of a channel', async () => {
    expect(await refusalOf(trunkline.publishGlobal(unchecked(event)))).toContain('has no userId: use publish({ userId, … })')
    expect(await refusalOf(trunkline.publish(unchecked({ ...event, skipUserIds: [1] })))).toContain('publishToChannel')
  })

  test('nobody as a user, in words of users', async () => {
    for (const [userId, got] of [
      [null, 'null'],
      [undefined, 'undefined'],
      ['', 'an empty string'],
    ]) {
      expect(await refusalOf(trunkline.publish(unchecked({ userId, type: 'x' })))).toBe(
        `invalid_user: userId must be the id of a user (a string of 1 to 255 bytes, a safe integer or a bigint), got ${got}. Is somebody signed in?`,
      )
    }
  })
})

test('what is not said may be said as undefined', async () => {
  await using trunkline: Trunkline = createTrunkline({ ...memory() })
  await trunkline.publishGlobal(unchecked({ type: 'x', detail: 1, userId: undefined, channel: undefined }), undefined)
  await trunkline.publishMany([{ scope: 'global', type: 'y' }], {})
  expect((await trunkline.find()).events.map(({ type }) => type)).toEqual(['y', 'x'])
})

describe('an adapter says at construction', () => {
  const trunkline = createTrunkline({ ...memory() })
  const identify = (): null => null
  const check = (options: unknown, from: unknown = trunkline) =>
    messageOf(() => checkAdapterOptions('nodeAdapter', unchecked(from), unchecked(options)))

  test.each([
    ['no options', undefined, 'The second argument must be its options, with at least identify'],
    ['no identify', {}, 'identify is missing: it must be a function that says who a request comes from'],
    ['an identify that is none', { identify: 'me' }, 'identify must be a function'],
    ['a misspelt option', { identify, chanels: [] }, 'Unknown option `chanels`. Did you mean `channels`?'],
    ["createTrunkline's option", { identify, canRead: identify }, '`canRead` is an option of createTrunkline.'],
    ['a path without a slash', { identify, path: 'realtime' }, 'path must begin with a slash'],
    ['a path for the script that is none', { identify, routes: { script: 'client.js' } }, 'routes'],
    ['a channel that is no list', { identify, channels: 'room-1' }, 'channels must be a list of names'],
    ['cors that is true', { identify, cors: true }, 'cors must be false or { origins'],
    ['a number as a text', { identify, maxChannels: '10' }, 'maxChannels must be a number, got "10"'],
  ])('%s', (_, options, said) => {
    expect(check(options)).toContain('invalid_options: nodeAdapter: ')
    expect(check(options)).toContain(said)
  })

  test('no trunkline', () => {
    expect(check({ identify }, { identify })).toContain('The first argument must be a trunkline')
  })

  test('nothing of what is right', () => {
    const right = {
      identify,
      path: '/realtime/:room',
      channels: ['{room}'],
      routes: { stream: '/', script: false as const },
      dialect: ['trunkline', 'eventstream'] as const,
      padding: true,
      cors: { origins: ['https://a.example'], credentials: true, headers: ['x'], maxAgeS: 1 },
      maxChannels: 1,
    }
    expect(checkAdapterOptions('nodeAdapter', trunkline, right)).toBe(right)
  })
})
