import { adapterContract, type AdapterSetup, type AskOptions, type ReadHeader } from '@trunkline/testing'
import { describe, test } from 'vitest'

import { ownAdapter } from './own-adapter.ts'

/** Called for each case: starts the framework with the adapter in it, made as the case wants it. */
async function create({ trunkline, path, settings, identify, channels }: AdapterSetup) {
  const headerOf =
    (request: Request): ReadHeader =>
    (name) =>
      request.headers.get(name)
  const handler = ownAdapter(trunkline, {
    ...settings,
    path,
    identify: (request) => identify(headerOf(request)),
    ...(channels && {
      channels: typeof channels === 'function' ? (request, params) => channels(headerOf(request), params) : channels,
    }),
  })
  return {
    async ask(url: string, { signal, ...init }: AskOptions) {
      const request = new Request(`http://localhost${url}`, { ...init, signal: signal ?? null })
      const response = (await handler(request)) ?? new Response(null, { status: 404 })
      signal?.throwIfAborted()
      return response
    },
    dispose: async () => {},
  }
}

describe('my adapter', () => {
  const skip = [
    {
      name: 'who leaves while being identified leaves nothing behind',
      because: 'nobody can leave before this framework has answered',
    },
  ]
  for (const c of adapterContract(create, { skip })) test(c.name, c.run)
})
