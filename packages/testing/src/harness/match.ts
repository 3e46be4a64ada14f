import { keysOf } from '@trunkline/core'

import { show } from '../assert.ts'

/** What an expectation looks at. */
export interface Matchable {
  readonly type: string
  readonly detail: unknown
}

/** What an expectation wants: a key, and something about the detail. */
export interface Wanted {
  readonly key: string
  /** A function that decides, a part of the detail, or undefined for any. */
  readonly match: unknown
}

/** Whether an event is heard under a key: its type, its `type:id`, or `*`. */
export function hasKey(event: Matchable, key: string): boolean {
  return key === '*' || keysOf(event).includes(key)
}

/** Why an event of the right key is not what is wanted; null when it is. */
export function mismatch(event: Matchable, { match }: Wanted): string | null {
  if (typeof match === 'function') return disagreement(event, match as (detail: unknown, event: Matchable) => unknown)
  return match === undefined ? null : difference(event.detail, match, 'detail')
}

function disagreement(event: Matchable, decide: (detail: unknown, event: Matchable) => unknown): string | null {
  try {
    return decide(event.detail, event) ? null : 'the function said no'
  } catch (error) {
    // Assertions inside are a no with a reason.
    return `the function threw: ${error instanceof Error ? error.message : String(error)}`
  }
}

function difference(got: unknown, wanted: unknown, path: string): string | null {
  if (isMatcher(wanted)) return wanted.asymmetricMatch(got) ? null : `${path}: got ${show(got)}, which the matcher refuses`
  if (Array.isArray(wanted) && Array.isArray(got) && wanted.length !== got.length) {
    return `${path}: got ${got.length} items, wanted ${wanted.length}`
  }
  if (isObject(wanted) && isObject(got) && Array.isArray(wanted) === Array.isArray(got)) {
    for (const [key, value] of Object.entries(wanted)) {
      const found = difference(got[key], value, `${path}.${key}`)
      if (found !== null) return found
    }
    return null
  }
  return Object.is(got, wanted) ? null : `${path}: got ${show(got)}, wanted ${show(wanted)}`
}

/** `expect.any(Number)` and its like, of vitest and Jest. */
function isMatcher(value: unknown): value is { asymmetricMatch(other: unknown): boolean } {
  return isObject(value) && typeof value['asymmetricMatch'] === 'function'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
