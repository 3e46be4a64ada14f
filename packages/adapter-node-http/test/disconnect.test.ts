import { once } from 'node:events'
import { request } from 'node:http'

import { expect, test } from 'vitest'

import { ask, eventually, startSite } from './support.ts'

test('who leaves is forgotten within a second, with every listener on the response', async () => {
  await using site = await startSite()
  const streams = await Promise.all(Array.from({ length: 20 }, () => ask(`${site.origin}/realtime/sse`)))
  expect(site.trunkline.stats().connections).toBe(20)
  const before = Date.now()
  for (const stream of streams) stream.leave()
  await eventually(() => site.trunkline.stats().connections === 0)
  expect(Date.now() - before).toBeLessThan(1_000)
  for (const response of site.responses) {
    expect(['close', 'drain', 'error'].map((event) => response.listenerCount(event))).toEqual([0, 0, 0])
  }
  expect(site.failures).toEqual([])
})

test('what is published while clients leave harms nobody', async () => {
  await using site = await startSite()
  const stays = await ask(`${site.origin}/realtime/sse`)
  const leavers = await Promise.all(Array.from({ length: 20 }, () => ask(`${site.origin}/realtime/sse`)))
  const count = 200
  for (let number = 0; number < count; number++) {
    if (number % 10 === 0) leavers.pop()?.leave()
    await site.trunkline.publishGlobal({ type: 'count', detail: number })
  }
  await stays.untilDetails(count)
  expect(stays.details).toEqual(Array.from({ length: count }, (_, number) => number))
  await eventually(() => site.trunkline.stats().connections === 1)
  expect(site.failures).toEqual([])
})

test('who leaves while it is still being identified leaves nothing behind', async () => {
  const door = Promise.withResolvers<null>()
  let asked = 0
  await using site = await startSite({ identify: () => (asked++, door.promise) })
  const left = request(`${site.origin}/realtime/sse`, { agent: false }).end()
  left.on('error', () => {})
  await eventually(() => asked === 1)
  left.destroy()
  const [response] = site.responses
  if (response !== undefined && !response.closed) await once(response, 'close')
  door.resolve(null)
  // Whoever came after it has been let in: so the other one's turn is over.
  await (await ask(`${site.origin}/realtime/sse`)).until(() => true)
  await eventually(() => site.trunkline.stats().connections === 1)
  expect(site.failures).toEqual([])
})

test('a request that is not read to its end does not keep the stream from beginning', async () => {
  await using site = await startSite()
  const asked = request(`${site.origin}/realtime/sse`, { agent: false, method: 'GET', headers: { 'content-length': 1_000 } })
  asked.on('error', () => {})
  asked.flushHeaders()
  const [response] = (await once(asked, 'response')) as [{ statusCode: number }]
  expect(response.statusCode).toBe(200)
  asked.destroy()
  await eventually(() => site.trunkline.stats().connections === 0)
})
