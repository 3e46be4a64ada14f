import type { HasEvents } from '@trunkline/core'
import { describe, expectTypeOf, test } from 'vitest'

import { connect, type Client, type DomEvents, type EventsOf } from '../src/index.ts'

/** As `typeof trunkline` carries them. */
type Events = {
  readonly task_complete: { readonly input: unknown; readonly detail: { readonly task_id: number; readonly at?: string } }
  readonly page_imported: { readonly input: unknown; readonly detail: { readonly ':id': string; readonly title: string } }
  readonly 'chat:message': { readonly input: unknown; readonly detail: { readonly ':id': string; readonly text: string } }
  readonly tick: { readonly input: unknown; readonly detail: { readonly n: number } }
}
interface TrunklineOfMine extends HasEvents<Events> {
  publish(): Promise<void>
}

/** Any Standard Schema, as a catalogue holds them. */
interface Schema<T> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => { readonly value: T }
    readonly types?: { readonly input: T; readonly output: T }
  }
}
interface CatalogueOfMine {
  readonly tick: Schema<{ n: number }>
  readonly page_imported: Schema<{ ':id': string; at: Date }>
  readonly [type: string & { readonly never: never }]: never
}

declare const client: Client<EventsOf<TrunklineOfMine>>

describe('the client of a trunkline', () => {
  test('knows types, entities and details', () => {
    expectTypeOf(connect<TrunklineOfMine>).returns.toEqualTypeOf<Client<Events>>()
    client.on('task_complete', (detail, event) => {
      expectTypeOf(detail).toEqualTypeOf<{ readonly task_id: number; readonly at?: string }>()
      expectTypeOf(event.type).toEqualTypeOf<'task_complete'>()
      expectTypeOf(event.cursor).toEqualTypeOf<string | undefined>()
    })
    client.on('page_imported:42', (detail) => expectTypeOf(detail.title).toBeString())
    client.on('chat:message:m1', (detail) => expectTypeOf(detail.text).toBeString())
    client.on('*', (_detail, event) => {
      if (event.type === 'tick') expectTypeOf(event.detail.n).toBeNumber()
    })
    expectTypeOf(client.once('page_imported:42'))
      .resolves.toHaveProperty('detail')
      .toEqualTypeOf<Events['page_imported']['detail']>()
    expectTypeOf(client.events()).toExtend<AsyncIterable<{ readonly type: keyof Events }>>()
  })

  test('refuses what is never published', () => {
    // @ts-expect-error -- a typo
    client.on('task_completed', () => {})
    // @ts-expect-error -- tick has no ':id', so there is no entity to listen to
    client.on('tick:42', () => {})
    // @ts-expect-error -- a typo before the entity
    client.on('page_importd:42', () => {})
    // @ts-expect-error -- another detail
    client.on('tick', (detail: { readonly n: string }) => detail)
    // @ts-expect-error -- a typo
    void client.once('tock')
    // @ts-expect-error -- details are for all listeners alike
    client.on('tick', (detail) => void (detail.n = 1))
  })
})

describe('the client of', () => {
  test('an event map knows its types', () => {
    expectTypeOf<EventsOf<Events>>().toEqualTypeOf<Events>()
    connect<Events>().on('tick', (detail) => expectTypeOf(detail.n).toBeNumber())
  })

  test('a catalogue knows what JSON makes of its details', () => {
    const byCatalogue = connect<Pick<CatalogueOfMine, 'tick' | 'page_imported'>>()
    byCatalogue.on('page_imported:1', (detail) => expectTypeOf(detail.at).toBeString())
    // @ts-expect-error -- a typo
    byCatalogue.on('tock', () => {})
  })

  test('nothing takes every key, and knows nothing of details', () => {
    connect().on('whatever:7', (detail) => expectTypeOf(detail).toBeUnknown())
  })
})

describe('DOM events', () => {
  type Names = DomEvents<TrunklineOfMine>

  test('have names with the prefix, and the details of their types', () => {
    expectTypeOf<Names['trunkline:tick']>().toEqualTypeOf<CustomEvent<Events['tick']['detail']>>()
    expectTypeOf<Names['trunkline:page_imported:42']>().toEqualTypeOf<CustomEvent<Events['page_imported']['detail']>>()
    expectTypeOf<DomEvents<TrunklineOfMine, 'djr'>['djr:tick']>().toEqualTypeOf<CustomEvent<Events['tick']['detail']>>()
  })

  test('do not have what is never published', () => {
    // @ts-expect-error -- tick has no ':id'
    expectTypeOf<Names['trunkline:tick:42']>()
    // @ts-expect-error -- a typo
    expectTypeOf<Names['trunkline:tock']>()
  })
})

describe('the state', () => {
  test('says more by its status', () => {
    const { state } = client
    if (state.status === 'open') expectTypeOf(state.cursor).toBeString()
    else if (state.status === 'waiting') expectTypeOf(state.because).toBeString()
    // @ts-expect-error -- only a stopped client has a reason
    else expectTypeOf(state.reason)
  })
})
