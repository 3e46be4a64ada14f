import { expectTypeOf, test } from 'vitest'

import { connect, type DomEvents } from '../../../client/src/index.ts'
import type { events, trunkline } from './catalogue.ts'

const client = connect<typeof trunkline>({ endpoint: '/realtime/sse', headers: async () => ({ authorization: 'Bearer x' }) })

test('a listener gets the detail of its type, and the event', () => {
  const stop = client.on('task_complete', (detail, event) => {
    expectTypeOf(detail.at).toEqualTypeOf<string | undefined>()
    expectTypeOf(event.type).toEqualTypeOf<'task_complete'>()
    expectTypeOf(event.id).toEqualTypeOf<string>()
  })
  expectTypeOf(stop).toEqualTypeOf<() => void>()
  client.on('page_imported:42', (detail) => expectTypeOf(detail.title).toEqualTypeOf<string>())
  client.on('chat:message:m1', (detail) => expectTypeOf(detail.text).toEqualTypeOf<string>())
})

test('a listener of everything narrows by type', () => {
  client.on('*', (_detail, event) => {
    if (event.type === 'tick') expectTypeOf(event.detail.n).toEqualTypeOf<number | undefined>()
  })
})

test('keys that no event has are refused', () => {
  // @ts-expect-error a typo
  client.on('nope', () => {})
  // @ts-expect-error task_complete has no ':id'
  client.on('task_complete:42', () => {})
})

test('events come one by one too', async () => {
  const { detail } = await client.once('tick', { signal: new AbortController().signal })
  expectTypeOf(detail.n).toEqualTypeOf<number | undefined>()
  for await (const event of client.events()) {
    if (event.type === 'page_imported') expectTypeOf(event.detail.title).toEqualTypeOf<string>()
  }
})

test('the catalogue alone is enough, and none at all', () => {
  connect<typeof events>().on('tick', (detail) => expectTypeOf(detail.n).toEqualTypeOf<number | undefined>())
  connect().on('whatever:7', (detail) => expectTypeOf(detail).toEqualTypeOf<unknown>())
  connect<{ a: { input: unknown; detail: { b: 1 } } }>().on('a', (detail) => expectTypeOf(detail.b).toEqualTypeOf<1>())
})

test('DOM events are typed by one line', () => {
  // As it stands in `declare global { interface WindowEventMap extends DomEvents<typeof trunkline> {} }`.
  interface EventMap extends DomEvents<typeof trunkline> {}
  const target = {} as { addEventListener<K extends keyof EventMap>(type: K, listener: (event: EventMap[K]) => void): void }
  target.addEventListener('trunkline:task_complete', ({ detail }) => expectTypeOf(detail.task_id).toEqualTypeOf<number>())
  target.addEventListener('trunkline:page_imported:42', ({ detail }) => expectTypeOf(detail.title).toEqualTypeOf<string>())
  // @ts-expect-error a typo
  target.addEventListener('trunkline:task_complet', () => {})
  const other = {} as DomEvents<typeof events, 'djr'>
  expectTypeOf(other['djr:tick'].detail.n).toEqualTypeOf<number | undefined>()
})

test('the state narrows by its status', () => {
  const { state } = client
  if (state.status === 'open') expectTypeOf(state.cursor).toEqualTypeOf<string>()
  if (state.status === 'waiting') expectTypeOf(state.delayMs).toEqualTypeOf<number>()
  // @ts-expect-error only an open one has a cursor
  void state.cursor
})
