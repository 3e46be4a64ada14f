import type { IncomingMessage } from 'node:http'

import { expect, test } from 'vitest'

import { ask, startSite } from './support.ts'

test.each([
  ['an id', (req: IncomingMessage) => req.headers['x-user'] as string],
  ['a promise of one', async (req: IncomingMessage) => req.headers['x-user'] as string],
  ['a visitor', (req: IncomingMessage) => ({ userId: req.headers['x-user'] as string })],
])('who it is may be said by %s, and decides what arrives', async (_, identify) => {
  await using site = await startSite({ identify })
  const [ann, bob] = await Promise.all(
    ['ann', 'bob'].map((user) => ask(`${site.origin}/realtime/sse`, { headers: { 'x-user': user } })),
  )
  await site.trunkline.publish({ userId: 'bob', type: 'greeting', detail: 'Bob' })
  await site.trunkline.publish({ userId: 'ann', type: 'greeting', detail: 'Ann' })
  expect((await ann?.untilDetails(1))?.details).toEqual(['Ann'])
  expect((await bob?.untilDetails(1))?.details).toEqual(['Bob'])
})

test.each([
  ['null', () => null],
  ['undefined', () => undefined],
])('%s is anonymous: what is global arrives, and nothing of a user', async (_, identify) => {
  await using site = await startSite({ identify })
  const stream = await ask(`${site.origin}/realtime/sse`)
  for (const userId of ['null', 'undefined', '0']) await site.trunkline.publish({ userId, type: 'secret', detail: userId })
  await site.trunkline.publishGlobal({ type: 'open', detail: 'for everyone' })
  expect((await stream.untilDetails(1)).details).toEqual(['for everyone'])
})

test('false is 401 before any stream', async () => {
  await using site = await startSite({ identify: () => Promise.resolve(false as const) })
  const answer = await ask(`${site.origin}/realtime/sse`)
  expect(answer.response.statusCode).toBe(401)
  expect(JSON.parse(await answer.text())).toMatchObject({ error: 'unauthorized' })
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
  await using site = await startSite({ identify })
  const answer = await ask(`${site.origin}/realtime/sse`)
  expect(answer.response.statusCode).toBe(500)
  expect(await answer.text()).not.toContain('secret')
  expect(site.failures.map(({ stage }) => stage)).toEqual(['identify'])
  expect(site.trunkline.stats().connections).toBe(0)
})

test('is not asked for the script, a preflight or a path that is not ours', async () => {
  let asked = 0
  await using site = await startSite({ identify: () => (asked++, null) })
  await ask(`${site.origin}/realtime/client.js`)
  await ask(`${site.origin}/realtime/sse`, { method: 'OPTIONS' })
  await ask(`${site.origin}/elsewhere`)
  expect(asked).toBe(0)
  await ask(`${site.origin}/realtime/sse`)
  expect(asked).toBe(1)
})

test('the stream of someone whose time is over ends with goodbye', async () => {
  await using site = await startSite({ identify: () => ({ userId: 'ann', expiresAt: new Date(Date.now() + 50) }) })
  const stream = await (await ask(`${site.origin}/realtime/sse`)).untilEnd()
  expect(stream.frames.at(-1)).toMatchObject({ event: 'goodbye', data: '{"reason":"expired"}' })
  expect(site.trunkline.stats().connections).toBe(0)
})
