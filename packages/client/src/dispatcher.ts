import type { TrunklineEvent } from '@trunkline/core'

import { createEmitter, type Emitter } from './emitter.ts'
import { keysOf } from './entity.ts'

/** Who hears of events: the client's own listeners by key, and the page through DOM events. */
export interface Dispatcher {
  readonly on: Emitter<ByKey>['on']
  /** To the listeners of `type`, `type:id` and `'*'`, then as DOM events `<prefix>:<type>` and `<prefix>:<type>:<id>`. */
  dispatch(event: TrunklineEvent): void
  /** The DOM event `<prefix>:<name>` alone. */
  fire(name: string, detail: unknown): void
}

type ByKey = Record<string, readonly [detail: unknown, event: TrunklineEvent]>

export function createDispatcher(prefix: string, target: EventTarget | null | undefined): Dispatcher {
  const { on, emit } = createEmitter<ByKey>()

  function dispatch(event: TrunklineEvent): void {
    const keys = keysOf(event)
    for (const key of [...keys, '*']) emit(key, event.detail, event)
    for (const key of keys) fire(key, event.detail)
  }

  function fire(name: string, detail: unknown): void {
    // What its listeners throw, the target reports by itself.
    target?.dispatchEvent(new CustomEvent(`${prefix}:${name}`, { detail }))
  }

  return { on, dispatch, fire }
}
