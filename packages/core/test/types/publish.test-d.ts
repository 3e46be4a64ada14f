import type { Receipt } from '@trunkline/core'
import { expectTypeOf, test } from 'vitest'

import { trunkline } from './catalogue.ts'

test('publish takes a user, a type of the catalogue and the detail that its schema takes', () => {
  void trunkline.publish({ userId: 7, type: 'task_complete', detail: { task_id: 1, status: 'ok', at: new Date() } })
  void trunkline.publish({ userId: 7n, type: 'page_imported', detail: { ':id': 42, title: 'x' } })
  void trunkline.publish({ userId: '7', type: 'chat:message', detail: { ':id': 'm1' } })
  expectTypeOf(trunkline.publish({ userId: 7, type: 'tick' })).resolves.toEqualTypeOf<Receipt>()
})

test('publish takes private data, a key, and events that are not stored', () => {
  void trunkline.publish({ userId: 1, type: 'tick', privateData: { a: 1 }, idempotencyKey: 'k' })
  void trunkline.publish({ userId: 1, type: 'tick', store: false })
})

test('a detail may be left out where the empty one fits', () => {
  void trunkline.publishGlobal({ type: 'tick' })
  void trunkline.publishGlobal({ type: 'tick', detail: { n: 1 } })
  // @ts-expect-error this type needs its detail
  void trunkline.publishGlobal({ type: 'task_complete' })
})

test('publish refuses an event without a user', () => {
  const user = {} as { readonly id?: string; readonly name: string | null }
  // @ts-expect-error no user
  void trunkline.publish({ type: 'tick' })
  // @ts-expect-error null is nobody
  void trunkline.publish({ userId: null, type: 'tick' })
  // @ts-expect-error undefined is nobody
  void trunkline.publish({ userId: user.id, type: 'tick' })
  // @ts-expect-error it may be null
  void trunkline.publish({ userId: user.name, type: 'tick' })
})

test('publish refuses what the catalogue does not know', () => {
  // @ts-expect-error a typo in the type
  void trunkline.publish({ userId: 1, type: 'task_complet', detail: {} })
  // @ts-expect-error task_id is a number
  void trunkline.publish({ userId: 1, type: 'task_complete', detail: { task_id: '1', status: 'ok' } })
  // @ts-expect-error status is missing
  void trunkline.publish({ userId: 1, type: 'task_complete', detail: { task_id: 1 } })
  // @ts-expect-error the detail of another type
  void trunkline.publish({ userId: 1, type: 'task_complete', detail: { ':id': 1, title: 'x' } })
})

test('an event has a detail or raw text', () => {
  void trunkline.publishToChannel({ channel: 'room-7', type: 'chat:message', raw: '<b>hi</b>' })
  // @ts-expect-error it cannot have both
  void trunkline.publish({ userId: 1, type: 'tick', raw: 'x', detail: {} })
})

test('global events have no user, system events may name one', () => {
  void trunkline.publishSystem({ type: 'tick' })
  void trunkline.publishSystem({ type: 'tick', userId: 'x' })
  // @ts-expect-error a global event is for everyone
  void trunkline.publishGlobal({ type: 'tick', userId: 1 })
})

test('channel events have a channel, and may skip users', () => {
  void trunkline.publishToChannel({ channel: 'room-7', type: 'chat:message', detail: { ':id': 'm1' }, skipUserIds: ['3', 4, 5n] })
  // @ts-expect-error no channel
  void trunkline.publishToChannel({ type: 'tick' })
  // @ts-expect-error who gets it says the channel
  void trunkline.publishToChannel({ channel: 'room-7', type: 'tick', userId: 1 })
})

test('each item of publishMany says its scope', () => {
  const receipts = trunkline.publishMany([
    { scope: 'user', userId: 1, type: 'tick' },
    { scope: 'channel', channel: 'c', type: 'chat:message', detail: { ':id': 'a' } },
    { scope: 'global', type: 'page_imported', detail: { ':id': 1, title: '' } },
    { scope: 'system', type: 'tick' },
  ])
  expectTypeOf(receipts).resolves.toEqualTypeOf<readonly Receipt[]>()
  // @ts-expect-error no scope
  void trunkline.publishMany([{ userId: 1, type: 'tick' }])
  // @ts-expect-error no user
  void trunkline.publishMany([{ scope: 'user', type: 'tick' }])
  // @ts-expect-error n is a number
  void trunkline.publishMany([{ scope: 'global', type: 'tick', detail: { n: 'x' } }])
})
