import { afterAll, beforeAll, inject } from 'vitest'

import { Backends } from './backends.ts'

/** Server processes for all tests of a file: two with heartbeats, and two without. */
export function shareBackends(): { readonly beating: Backends; readonly silent: Backends } {
  const url = inject('databaseUrl')
  const stack = new AsyncDisposableStack()
  const shared = {} as { beating: Backends; silent: Backends } // filled in before the first test
  beforeAll(async () => {
    ;[shared.beating, shared.silent] = await Promise.all([Backends.start(url), Backends.start(url, 'serve-silently')])
    stack.use(shared.beating)
    stack.use(shared.silent)
  })
  afterAll(() => stack.disposeAsync())
  return shared
}
