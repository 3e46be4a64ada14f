import { expectTypeOf, test } from 'vitest'

import { trunkline } from './catalogue.ts'

test('a handler of a type gets its detail, as it is after JSON', () => {
  const stop = trunkline.subscribe('task_complete', ({ type, detail }) => {
    expectTypeOf(type).toEqualTypeOf<'task_complete'>()
    expectTypeOf(detail.task_id).toEqualTypeOf<number>()
    // A Date went over JSON.
    expectTypeOf(detail.at).toEqualTypeOf<string | undefined>()
  })
  expectTypeOf(stop).toEqualTypeOf<() => void>()
})

test('a handler gets what the schema made of the detail', () => {
  trunkline.subscribe('chat:message', ({ detail }) => expectTypeOf(detail.text).toEqualTypeOf<string>())
})

test('a handler of one entity gets the detail of its type', () => {
  trunkline.subscribe('page_imported:42', ({ type, detail }) => {
    expectTypeOf(type).toEqualTypeOf<'page_imported'>()
    expectTypeOf(detail.title).toEqualTypeOf<string>()
  })
  trunkline.subscribe('chat:message:m1', ({ type, detail }) => {
    expectTypeOf(type).toEqualTypeOf<'chat:message'>()
    expectTypeOf(detail.text).toEqualTypeOf<string>()
  })
  const id = 42
  trunkline.subscribe(`page_imported:${id}`, ({ detail }) => expectTypeOf(detail.title).toEqualTypeOf<string>())
})

test('a handler of everything narrows by type and by scope', () => {
  trunkline.subscribe((event) => {
    if (event.type === 'task_complete') expectTypeOf(event.detail.task_id).toEqualTypeOf<number>()
    if (event.scope === 'user') expectTypeOf(event.userId).toEqualTypeOf<string>()
    if (event.scope === 'channel') expectTypeOf(event.channel).toEqualTypeOf<string>()
    expectTypeOf(event.cursor).toEqualTypeOf<string | undefined>()
  })
})

test('an event is frozen, and has nothing that only the server may see', () => {
  trunkline.subscribe((event) => {
    // @ts-expect-error frozen
    event.id = 'x'
    // @ts-expect-error private data is read with get() and find()
    void event.privateData
  })
})

test('keys that no event has are refused', () => {
  // @ts-expect-error a typo
  trunkline.subscribe('task_complet', () => {})
  // @ts-expect-error task_complete has no ':id'
  trunkline.subscribe('task_complete:42', () => {})
  // @ts-expect-error a typo before the id
  trunkline.subscribe('page_importd:42', () => {})
})

test('get and find give stored events, with what only the server may see', async () => {
  const event = await trunkline.get('id')
  expectTypeOf(event?.privateData).toEqualTypeOf<unknown>()
  expectTypeOf(event?.cursor).toEqualTypeOf<string | undefined>()
  const { events, next } = await trunkline.find({ type: 'tick', createdAfter: new Date(), limit: 10 })
  for (const found of events) if (found.type === 'tick') expectTypeOf(found.detail.n).toEqualTypeOf<number | undefined>()
  expectTypeOf(next).toEqualTypeOf<string | null>()
})
