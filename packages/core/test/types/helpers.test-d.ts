import {
  createTrunkline,
  type EventKey,
  type EventMapOf,
  type HookEvent,
  type Jsonified,
  memory,
  type Store,
  type StoredEvent,
  type TrunklineEvent,
  type TypeName,
  type TypeOfKey,
} from '@trunkline/core'
import { expectTypeOf, test } from 'vitest'

import { storeContract } from '../../../testing/src/index.ts'
import { type AppEvents, type events, trunkline } from './catalogue.ts'

test('connect gives bytes', async () => {
  const stream = await trunkline.connect({ userId: null, channels: ['a'], user: { email: 'x', admin: false } })
  for await (const chunk of stream) expectTypeOf(chunk).toEqualTypeOf<Uint8Array>()
  expectTypeOf(stream.closed).resolves.toBeString()
  // @ts-expect-error the user that canRead was written for
  void trunkline.connect({ userId: null, user: { email: 'x' } })
  // @ts-expect-error who connects is a decision
  void trunkline.connect({ channels: ['a'] })
})

test('a trunkline ends with its block', async () => {
  await using own = createTrunkline({ ...memory() })
  expectTypeOf(own.stats().connections).toEqualTypeOf<number>()
})

test('Jsonified is what is left after JSON', () => {
  interface Before {
    readonly date: Date
    readonly optional?: number
    readonly list: readonly [1, 'x']
    readonly nothing: undefined
    readonly unknown: unknown
    readonly either: Date | number
    readonly nested: { readonly dates: readonly Date[] }
  }
  expectTypeOf<Jsonified<Before>['date']>().toEqualTypeOf<string>()
  expectTypeOf<Jsonified<Before>['optional']>().toEqualTypeOf<number | undefined>()
  expectTypeOf<Jsonified<Before>['list']>().toEqualTypeOf<readonly [1, 'x']>()
  expectTypeOf<Jsonified<Before>['nothing']>().toEqualTypeOf<never>()
  expectTypeOf<Jsonified<Before>['unknown']>().toEqualTypeOf<unknown>()
  expectTypeOf<Jsonified<Before>['either']>().toEqualTypeOf<string | number>()
  expectTypeOf<Jsonified<Before>['nested']>().toEqualTypeOf<{ readonly dates: readonly string[] }>()
})

test('keys are types, and type:id where there is an id', () => {
  interface Events {
    readonly a: { readonly input: unknown; readonly detail: { readonly ':id': 1 } }
    readonly 'a:b': { readonly input: unknown; readonly detail: { readonly ':id': 1 } }
    readonly c: { readonly input: unknown; readonly detail: { readonly d: 1 } }
  }
  expectTypeOf<EventKey<Events>>().toEqualTypeOf<'a' | 'a:b' | 'c' | `a:${string}` | `a:b:${string}`>()
  expectTypeOf<TypeOfKey<Events, 'a:b'>>().toEqualTypeOf<'a:b'>()
  expectTypeOf<TypeOfKey<Events, 'a:x'>>().toEqualTypeOf<'a'>()
  expectTypeOf<TypeOfKey<Events, 'a:b:c'>>().toEqualTypeOf<'a:b'>()
  expectTypeOf<TypeOfKey<Events, 'c'>>().toEqualTypeOf<'c'>()
})

test('the types of a catalogue can be named', () => {
  expectTypeOf<AppEvents>().toEqualTypeOf<EventMapOf<typeof events>>()
  expectTypeOf<TypeName<AppEvents>>().toEqualTypeOf<'task_complete' | 'page_imported' | 'chat:message' | 'tick'>()
  expectTypeOf<TrunklineEvent<AppEvents, 'tick'>['detail']['n']>().toEqualTypeOf<number | undefined>()
  expectTypeOf<HookEvent<AppEvents>['id']>().toEqualTypeOf<string>()
  expectTypeOf<StoredEvent<AppEvents>['cursor']>().toEqualTypeOf<string>()
})

test('every event is plain JSON', () => {
  JSON.stringify({} as TrunklineEvent satisfies { readonly id: string; readonly detail: unknown })
})

test('the contract takes a store with any transactions', () => {
  const dispose = async () => {}
  for (const c of storeContract(async () => ({ store: memory().store, dispose })))
    expectTypeOf(c.run).toEqualTypeOf<() => Promise<void>>()
  storeContract(async () => ({ store: {} as Store<{ readonly drizzle: true }>, dispose }))
})
