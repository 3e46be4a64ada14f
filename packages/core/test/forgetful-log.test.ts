import { createTrunkline, type HookEvent, type Trunkline } from '@trunkline/core'
import { afterEach, expect, test } from 'vitest'

import { ForgetfulLog } from './forgetful-log.ts'
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
