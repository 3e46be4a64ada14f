import type { HasEvents } from '@trunkline/core'
import { describe, expectTypeOf, test } from 'vitest'

import type { Client, ConnectionState } from '../src/index.ts'
import { createHooks, type Hooks } from '../src/react/index.ts'

/** As `typeof trunkline` carries them. */
type Events = {
  readonly page_imported: { readonly input: unknown; readonly detail: { readonly ':id': string; readonly title: string } }
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

describe('hooks of a trunkline', () => {
  const { useEvent, useTrunkline, useConnectionState } = createHooks<TrunklineOfMine>()

  test('know types, entities and details', () => {
    useEvent('tick', (detail, event) => {
      expectTypeOf(detail).toEqualTypeOf<{ readonly n: number }>()
      expectTypeOf(event.type).toEqualTypeOf<'tick'>()
    })
    useEvent('page_imported:42', (detail) => expectTypeOf(detail.title).toBeString())
    useEvent('*', (_detail, event) => {
      if (event.type === 'tick') expectTypeOf(event.detail.n).toBeNumber()
    })
    expectTypeOf(useTrunkline()).toEqualTypeOf<Client<Events>>()
    expectTypeOf(useConnectionState()).toEqualTypeOf<ConnectionState>()
  })

  test('refuse what is never published', () => {
    // @ts-expect-error -- a typo
    useEvent('tock', () => {})
    // @ts-expect-error -- tick has no ':id', so there is no entity to listen to
    useEvent('tick:42', () => {})
    // @ts-expect-error -- another detail
    useEvent('tick', (detail: { readonly n: string }) => detail)
    // @ts-expect-error -- what connect does not take
    createHooks<TrunklineOfMine>({ url: '/realtime/sse' })
  })
})

describe('hooks of', () => {
  test('a catalogue know what JSON makes of its details', () => {
    const { useEvent } = createHooks<{ readonly saved: Schema<{ at: Date }> }>()
    useEvent('saved', (detail) => expectTypeOf(detail.at).toBeString())
    // @ts-expect-error -- a typo
    useEvent('save', () => {})
  })

  test('an event map know its types', () => {
    expectTypeOf(createHooks<Events>).returns.toEqualTypeOf<Hooks<Events>>()
  })

  test('nothing take every key, and options in both forms', () => {
    createHooks().useEvent('whatever:7', (detail) => expectTypeOf(detail).toBeUnknown())
    createHooks({ endpoint: '/live/sse' })
    createHooks(() => ({ cursor: '' }))
  })
})
