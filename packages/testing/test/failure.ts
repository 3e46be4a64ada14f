import type { Expectations } from '@trunkline/testing'

type Anything = Expectations<
  { readonly type: string; readonly detail: unknown },
  Record<string, { input: unknown; detail: unknown }>
>

/** The message of an expectation that fails. */
export async function failure(at: Anything, key: string, detail?: unknown): Promise<string> {
  return at.expectEvent(key, detail, { within: 20 }).then(
    () => 'It did not fail.',
    (error: Error) => error.message,
  )
}
