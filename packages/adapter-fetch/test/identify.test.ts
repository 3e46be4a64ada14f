import { expect, test } from 'vitest'

import { createSite, StreamReader } from './support.ts'

test.each([
  ['an id', (request: Request) => request.headers.get('x-user')],
  ['a promise of one', async (request: Request) => request.headers.get('x-user')],
  ['a visitor', (request: Request) => ({ userId: request.headers.get('x-user') })],
])('who it is may be said by %s, and decides what arrives', async (_, identify) => {
  await using site = createSite({ identify })
  const responses = ['ann', 'bob'].map((user) => site.ask('/realtime/sse', { headers: { 'x-user': user } }))
  const [ann, bob] = (await Promise.all(responses)).map((response) => new StreamReader(response))
  await site.trunkline.publish({ userId: 'bob', type: 'greeting', detail: 'Bob' })
  await site.trunkline.publish({ userId: 'ann', type: 'greeting', detail: 'Ann' })
  expect((await ann?.untilDetails(1))?.details).toEqual(['Ann'])
  expect((await bob?.untilDetails(1))?.details).toEqual(['Bob'])
})

test.each([
  ['null', () => null],
  ['undefined', () => undefined],
])('%s is anonymous: what is global arrives, and nothing of a user', async (_, identify) => {
  await using site = createSite({ identify })
  const stream = new StreamReader(await site.ask('/realtime/sse'))
  for (const userId of ['null', 'undefined', '0']) await site.trunkline.publish({ userId, type: 'secret', detail: userId })
  await site.trunkline.publishGlobal({ type: 'open', detail: 'for everyone' })
  expect((await stream.untilDetails(1)).details).toEqual(['for everyone'])
})

test('false is 401 before any stream', async () => {
  await using site = createSite({ identify: () => Promise.resolve(false as const) })
  const response = await site.ask('/realtime/sse')
  expect([response.status, await response.json()]).toMatchObject([401, { error: 'unauthorized' }])
  expect(site.trunkline.stats().connections).toBe(0)
})

test.each([
  [
    'an exception',
    () => {
      throw new Error('secret of the server')
    },
  ],
  ['a rejection', () => Promise.reject(new Error('secret of the server'))],
  ['an empty id', () => ''],
])('%s of identify is a 500 that tells nothing, reported once', async (_, identify) => {
  await using site = createSite({ identify })
  const response = await site.ask('/realtime/sse')
  expect(response.status).toBe(500)
  expect(await response.text()).not.toContain('secret')
  expect(site.failures.map(({ stage }) => stage)).toEqual(['identify'])
  expect(site.trunkline.stats().connections).toBe(0)
})

test('is not asked for the script, a preflight or a path that is not ours', async () => {
  let asked = 0
  await using site = createSite({ identify: () => (asked++, null) })
  await site.ask('/realtime/client.js')
  await site.ask('/realtime/sse', { method: 'OPTIONS' })
  await site.ask('/elsewhere')
  expect(asked).toBe(0)
  await site.ask('/realtime/sse')
  expect(asked).toBe(1)
})
