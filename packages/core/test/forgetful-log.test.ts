import { createTrunkline, type HookEvent, type Store, type Trunkline } from '@trunkline/core'
import { afterEach, expect, test } from 'vitest'

import { Server } from '../src/server.ts'
import { ForgetfulLog, type Transaction } from './forgetful-log.ts'
import { eventually, StreamReader } from './support.ts'
import { ticks } from './ticks.ts'

// What is rare even among random schedules (model/): those find the rest.

const opened: Trunkline[] = []
const errors: unknown[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((trunkline) => trunkline.stop({ graceMs: 0 })))
  errors.length = 0
})

type Hook = (event: HookEvent) => Promise<HookEvent>

function open(log: ForgetfulLog, hooks: { readonly onReceive?: Hook; readonly beforeSend?: Hook } = {}): Trunkline {
  const { store, notifier } = log
  const trunkline = createTrunkline({ store, notifier, onError: (error) => errors.push(error), ...hooks })
  opened.push(trunkline)
  return trunkline
}

/** A process with a memory of six events. */
function openSmall(log: ForgetfulLog): Trunkline {
  const trunkline = new Server(
    { store: log.store, notifier: log.notifier },
    {
      entries: 6,
      bytes: 1_000_000,
    },
  ) as unknown as Trunkline
  opened.push(trunkline)
  return trunkline
}

function typesOf(reader: StreamReader): readonly (string | undefined)[] {
  return reader.frames.map(({ event, data }) => event ?? (JSON.parse(data) as { type: string }).type)
}

function globals(...types: readonly string[]): readonly { scope: 'global'; type: string }[] {
  return types.map((type) => ({ scope: 'global', type }))
}

/** A hook that answers when it is told to. */
function gate(): { readonly hook: Hook; readonly asked: Promise<void>; readonly answer: () => void } {
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<void>()
  const hook: Hook = async (event) => {
    asked.resolve()
    await answer.promise
    return event
  }
  return { hook, asked: asked.promise, answer: answer.resolve }
}

async function noticed(log: ForgetfulLog): Promise<void> {
  log.relisten()
  await eventually(() => errors.some((error) => String(error).includes('is not the one this process followed')))
}

test('an event that is in no log, and that a hook was asked about when the log went back, is answered by a reset', async () => {
  const log = new ForgetfulLog()
  const { hook, asked, answer } = gate()
  const trunkline = open(log, { beforeSend: hook })
  const reader = new StreamReader(await trunkline.connect({ userId: null }))
  await reader.readChunk()
  const { cursor } = await trunkline.publish({ userId: 'another', type: 'lost' })
  await eventually(() => trunkline.stats().tail.cursor === cursor)
  const told = reader.until(() => reader.named('reset').length > 0)
  await trunkline.publishGlobal({ type: 'live', store: false })
  await asked

  log.forget(1)
  await noticed(log)
  answer()
  await told

  expect(JSON.parse(reader.named('reset')[0]?.data ?? '')).toMatchObject({ reason: 'overflow' })
  expect(reader.events).toEqual([])
})

test('history that onReceive was asked about when the log went back is not sent', async () => {
  const log = new ForgetfulLog()
  const publisher = open(log)
  const { cursor } = await publisher.publishGlobal({ type: 'first' })
  await publisher.publishGlobal({ type: 'kept' })
  await publisher.publishGlobal({ type: 'lost' })
  const { hook, asked, answer } = gate()
  const trunkline = open(log, { onReceive: hook })
  const reader = new StreamReader(await trunkline.connect({ userId: null, cursor: cursor ?? '' }))
  const read = reader.untilEvents(2)
  await asked

  log.forget(1)
  await noticed(log)
  await publisher.publishGlobal({ type: 'fresh' })
  log.relisten()
  answer()
  await read

  expect(reader.events.map(({ type }) => type)).toEqual(['kept', 'fresh'])
  expect(reader.named('reset')).toEqual([])
})

test('a page that was asked for before the log went back is given to nobody who asks after', async () => {
  const log = new ForgetfulLog()
  const publisher = open(log)
  const { cursor } = await publisher.publishGlobal({ type: 'first' })
  await publisher.publishGlobal({ type: 'kept' })
  await publisher.publishGlobal({ type: 'lost' })
  const trunkline = open(log)
  await trunkline.start()
  const options = { userId: null, cursor: cursor ?? '' }
  log.slow = { before: 0, after: 100_000 }
  const before = new StreamReader(await trunkline.connect(options))
  await before.readChunk()
  void before.readChunk()
  await ticks()
  log.slow = { before: 0, after: 0 }

  log.forget(1)
  await noticed(log)
  const after = new StreamReader(await trunkline.connect(options))
  const read = after.untilEvents(2)
  await publisher.publishGlobal({ type: 'fresh' })
  log.relisten()
  await read

  expect(after.events.map(({ type }) => type)).toEqual(['kept', 'fresh'])
  expect(after.named('reset')).toEqual([])
})

test('unstored events that a client lost while it was ahead of its process: reset, and nothing stored comes twice', async () => {
  const log = new ForgetfulLog()
  const publisher = open(log)
  const floor = await publisher.cursor('floor')
  await publisher.publishMany(globals('1', '2'))
  const server = openSmall(log)
  await server.start()
  log.loseNotifications(1)
  await publisher.publishMany(globals('3', '4', '5', '6'))
  const reader = new StreamReader(await server.connect({ userId: null, cursor: floor }))
  await reader.untilEvents(3)
  await ticks(5)
  for (let n = 0; n < 7; n++) await publisher.publish({ userId: 'another', type: 'live', store: false })
  await ticks(5)
  log.relisten()
  await reader.until(() => typesOf(reader).at(-1) === '6')
  expect(reader.events.map(({ type }) => type)).toEqual(['1', '2', '3', '4', '5', '6'])
})

test('a lost place on a process that is behind: reset, and nothing that was seen before comes again', async () => {
  const log = new ForgetfulLog()
  const publisher = open(log)
  const floor = await publisher.cursor('floor')
  await publisher.publishGlobal({ type: '1' })
  const behind = open(log)
  await behind.start()
  log.loseNotifications(1)
  await publisher.publishMany(globals('2', '3', '4'))
  const before = new StreamReader(await open(log).connect({ userId: null, cursor: floor }))
  await before.untilEvents(4)
  log.forget(1)
  const reader = new StreamReader(await behind.connect({ userId: null, cursor: before.cursor ?? '' }))
  await reader.until(() => reader.named('reset').length > 0)
  log.relisten()
  const live = reader.until(() => typesOf(reader).at(-1) === 'new')
  await publisher.publishGlobal({ type: 'new' })
  log.relisten()
  await live
  expect(typesOf(reader)).toEqual(['connected', 'reset', 'new'])
})

test('a process that begins while the log goes back begins at a place that is there', async () => {
  const log = new ForgetfulLog()
  const publisher = open(log)
  await publisher.publishMany(globals('1', '2', '3'))
  let isFirst = true
  const store: Store<Transaction> = {
    ...log.store,
    bounds: async () => {
      const bounds = await log.store.bounds()
      if (isFirst) log.forget(1)
      isFirst = false
      return bounds
    },
  }
  const trunkline = createTrunkline({ store, notifier: log.notifier })
  opened.push(trunkline)
  const reader = new StreamReader(await trunkline.connect({ userId: null }))
  const read = reader.untilEvents(1)
  log.relisten()
  await publisher.publishGlobal({ type: 'new' })
  log.relisten()
  await read
  expect(reader.events.map(({ type }) => type)).toEqual(['new'])
})

test('who waits and has lost nothing goes on: not reset for unstored events of others, nor by what was pruned since', async () => {
  const log = new ForgetfulLog()
  const publisher = open(log)
  const trunkline = open(log)
  const reader = new StreamReader(await trunkline.connect({ userId: '1' }))
  const reading = reader.untilEvents(2)
  await ticks(2)
  await publisher.publish({ userId: '1', type: 'own' })
  await ticks(2)
  await publisher.publish({ userId: '2', type: 'live', store: false })
  const placed = await publisher.publishMany(
    ['a', 'b', 'c', 'lost'].map((type) => ({ scope: 'user', userId: '2', type }) as const),
  )
  await eventually(() => trunkline.stats().tail.cursor === placed.at(-1)?.cursor)
  await log.store.prune({ keep: 3, limit: 100 })
  log.forget(1)
  await noticed(log)
  await publisher.publish({ userId: '1', type: 'end' })
  log.relisten()
  await reading
  expect(typesOf(reader)).toEqual(['connected', 'own', 'end'])
})

test('what was published after the log went back, and before it was noticed, reaches subscribers and is obeyed', async () => {
  const log = new ForgetfulLog()
  const publisher = open(log)
  const trunkline = open(log)
  const heard: string[] = []
  trunkline.subscribe(({ type }) => heard.push(type))
  const stream = await trunkline.connect({ userId: '1' })
  const { cursor } = await publisher.publish({ userId: '2', type: 'lost' })
  await eventually(() => trunkline.stats().tail.cursor === cursor)
  log.forget(1)
  await publisher.publish({ userId: '2', type: 'instead' })
  await publisher.disconnect({ userId: '1' })
  await publisher.publish({ userId: '2', type: 'after' })
  await noticed(log)
  await expect(stream.closed).resolves.toBe('disconnected')
  await eventually(() => heard.includes('after'))
  expect(heard).toEqual(['lost', 'instead', 'after'])
})

test('clients at one position in two lives of the log do not share a page', async () => {
  const log = new ForgetfulLog()
  const publisher = open(log)
  await publisher.publishGlobal({ type: 'first' })
  const behind = open(log)
  await behind.start()
  log.loseNotifications(1_000)
  const lost = await publisher.publishGlobal({ type: 'lost' })
  log.slow = { before: 0, after: 100_000 }
  const saw = new StreamReader(await behind.connect({ userId: null, cursor: lost.cursor ?? '' }))
  await saw.readChunk()
  void saw.readChunk()
  await ticks(2)
  log.slow = { before: 0, after: 0 }
  log.forget(1)
  const found = await publisher.publishGlobal({ type: 'found' })
  const reader = new StreamReader(await behind.connect({ userId: null, cursor: found.cursor ?? '' }))
  const reading = reader.until(() => typesOf(reader).some((type) => type === 'end' || type === 'reset'))
  await publisher.publishGlobal({ type: 'end' })
  log.relisten()
  await reading
  expect(typesOf(reader)).toEqual(['connected', 'end'])
})
