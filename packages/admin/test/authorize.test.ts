import { createAdmin } from '@trunkline/admin'
import { createTrunkline, memory } from '@trunkline/core'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { createSite } from './support.ts'

afterEach(() => vi.useRealTimers())

describe('the pages are closed', () => {
  test('without authorize: they are not even made', async () => {
    await using trunkline = createTrunkline({ ...memory() })
    const make: (...options: unknown[]) => unknown = createAdmin.bind(null, trunkline) as never // wrong on purpose
    for (const options of [undefined, {}, { authorize: true }]) {
      expect(() => make(options)).toThrow(expect.objectContaining({ code: 'invalid_options' }))
    }
    expect(() => createAdmin({} as never, { authorize: () => false })).toThrow(
      expect.objectContaining({ code: 'invalid_options' }),
    )
  })

  test.each([
    { what: 'false', authorize: () => false },
    { what: 'null', authorize: () => null },
    { what: 'nothing', authorize: () => undefined },
    { what: 'true', authorize: () => true },
    { what: 'a name', authorize: () => 'ada' },
    { what: 'no actor', authorize: () => ({}) },
    { what: 'an empty actor', authorize: () => ({ actor: '' }) },
    { what: 'an actor that is no text', authorize: () => ({ actor: 7 }) },
    { what: 'a promise of false', authorize: async () => false },
    { what: 'a rejection', authorize: () => Promise.reject(new Error('no session store')) },
  ])('to whom authorize answers $what', async ({ authorize }) => {
    const site = createSite({ authorize: authorize as never })
    await site.trunkline.publishGlobal({ type: 'secret_type' })
    for (const path of ['', '?page=events', '?page=nowhere', '?file=admin.css']) {
      const response = await site.get(path)
      expect(response.status).toBe(403)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(await response.text()).toBe('Forbidden\n')
    }
  })

  test('when authorize throws, which is reported', async () => {
    const error = new Error('no session store')
    const site = createSite({
      authorize: () => {
        throw error
      },
    })
    expect((await site.get('')).status).toBe(403)
    expect(site.failures).toEqual([{ error, stage: 'admin' }])
  })

  test('when authorize takes longer than five seconds', async () => {
    vi.useFakeTimers()
    const site = createSite({ authorize: () => new Promise(() => {}) })
    const response = site.get('')
    await vi.advanceTimersByTimeAsync(5_000)
    expect((await response).status).toBe(403)
    expect(String(site.failures[0]?.error)).toContain('5000 ms')
  })
})

test('authorize is asked for every request, and nothing is kept', async () => {
  let isAllowed = true
  const site = createSite({ authorize: () => isAllowed && { actor: 'ada' } })
  const open = await site.get('')
  expect(open.status).toBe(200)
  expect(open.headers.get('cache-control')).toBe('no-store')
  isAllowed = false
  expect((await site.get('')).status).toBe(403)
})
