import {
  createTrunkline,
  memory,
  type Notifier,
  type Reader,
  type SendContext,
  type Store,
  type Trunkline,
} from '@trunkline/core'
import { expectTypeOf, test } from 'vitest'

import { type AppUser, events, type trunkline } from './catalogue.ts'

test('hooks and canRead get the user they are annotated with, and identify has to give it', () => {
  expectTypeOf<typeof trunkline extends Trunkline<infer _E, infer _T, infer User> ? User : never>().toEqualTypeOf<AppUser>()
  createTrunkline({
    ...memory(),
    // @ts-expect-error the two want different users
    canRead: ({ user }: Reader<AppUser>) => user?.admin === true,
    beforeSend: (event, { audience }: SendContext<{ readonly name: string }>) => (audience.user?.name === '' ? null : event),
  })
})

test('hooks without annotations know whom and which request they are asked for', () => {
  createTrunkline({
    ...memory(),
    canRead: ({ userId, channel, request }) => userId !== null && channel !== 'x' && request !== undefined,
    beforeSend: (event, { request, audience }) => (request && audience.userId ? event : null),
  })
})

test('a hook may change its own copy', () => {
  createTrunkline({
    ...memory(),
    events,
    beforeSend: (event) => {
      if (event.type === 'tick') event.detail.n = 2
      return event
    },
    onReceive: async (event) => {
      if (event.type === 'task_complete') event.detail.status = 'seen'
      return event
    },
  })
})

test('a hook cannot change an event against its schema', () => {
  createTrunkline({
    ...memory(),
    events,
    beforeSend: (event) => {
      // @ts-expect-error n is a number
      if (event.type === 'tick') event.detail.n = 'two'
      return event
    },
  })
})

test('a hook has to return', () => {
  // @ts-expect-error a forgotten return
  createTrunkline({ ...memory(), beforeSend: (event) => void event })
  // @ts-expect-error a forgotten return
  createTrunkline({ ...memory(), onReceive: async (event) => void event })
  // @ts-expect-error a yes or a no
  createTrunkline({ ...memory(), canRead: () => {} })
})

test('without a catalogue every type is allowed and details are unknown', () => {
  const open = createTrunkline({ ...memory() })
  void open.publish({ userId: 1, type: 'anything', detail: { x: 1 } })
  void open.publish({ userId: 1, type: 'anything' })
  open.subscribe('anything:7', ({ detail }) => expectTypeOf(detail).toEqualTypeOf<unknown>())
  open.subscribe('anything', ({ id }) => expectTypeOf(id).toEqualTypeOf<string>())
})

test('a custom store brings its own transactions, and a notifier alone is enough', () => {
  const store = {} as Store<{ readonly drizzle: true }>
  const notifier = {} as Notifier
  const own = createTrunkline({ store, notifier, events })
  void own.publish({ userId: 1, type: 'tick' }, { transaction: { drizzle: true } })
  // @ts-expect-error another store's transaction
  void own.publish({ userId: 1, type: 'tick' }, { transaction: { drizzle: false } })
  void createTrunkline({ notifier }).publishGlobal({ type: 'x' })
  // @ts-expect-error nothing would wake the processes
  createTrunkline({ store })
})

test('a catalogue takes schemas only', () => {
  // @ts-expect-error not a Standard Schema
  createTrunkline({ ...memory(), events: { tick: { n: 'number' } } })
})
