import { expect, test } from 'vitest'

import { ask, eventually, startSite, type Site } from './support.ts'

/** Listeners for `drain` that node:http has on each of its sockets. */
const nodesOwn = 1
const eventCount = 150
const eventBytes = 200 * 1_024
const padding = 'x'.repeat(eventBytes)

test('a client that never reads costs a bounded number of bytes and slows nobody, and gets everything when it reads again', async () => {
  await using site = await startSite()
  const lazy = await ask(`${site.origin}/realtime/sse`)
  await eventually(() => site.responses.length === 1)
  const [lazyResponse] = site.responses
  const neighbour = await ask(`${site.origin}/realtime/sse`)

  let mostQueued = 0
  let mostWritten = 0
  for (let number = 0; number < eventCount; number++) {
    await site.trunkline.publishGlobal({ type: 'page', detail: { number, padding } })
    await neighbour.untilDetails(number + 1)
    mostQueued = Math.max(mostQueued, site.trunkline.stats().queuedBytes)
    mostWritten = Math.max(mostWritten, lazyResponse?.writableLength ?? 0)
    expect(lazyResponse?.socket?.listenerCount('drain')).toBeLessThanOrEqual(nodesOwn + 1)
  }

  // 30 MB were published. What the kernel takes is beyond our reach; what waits in the process is at most a chunk and what came with it.
  expect(mostQueued).toBeLessThan(1_024 * 1_024)
  expect(mostWritten).toBeLessThan(1_024 * 1_024)
  expect(mostWritten).toBeGreaterThan(0)
  expect(numbersOf(neighbour.details)).toEqual(numbers)

  await lazy.untilDetails(eventCount)
  expect(numbersOf(lazy.details)).toEqual(numbers)
  expect(lazyResponse?.socket?.listenerCount('drain')).toBe(nodesOwn)
})

test('a client that stops reading in the middle of its catch-up goes on where it stood', async () => {
  await using site = await startSite()
  const cursor = await site.trunkline.cursor()
  await publish(site, 0, eventCount / 2)
  const stream = await ask(`${site.origin}/realtime/sse`, { headers: { 'last-event-id': cursor } })
  await stream.untilDetails(10)
  await publish(site, eventCount / 2, eventCount)
  await stream.untilDetails(eventCount)
  expect(numbersOf(stream.details)).toEqual(numbers)
})

test('a client that never reads its catch-up costs a bounded number of bytes, and is forgotten when it leaves', async () => {
  await using site = await startSite()
  const cursor = await site.trunkline.cursor()
  await publish(site, 0, eventCount)
  const lazy = await ask(`${site.origin}/realtime/sse`, { headers: { 'last-event-id': cursor } })
  // The socket is full: what is left is written by nobody but a client that reads.
  await eventually(() => (site.responses[0]?.socket?.writableNeedDrain ?? false) && site.trunkline.stats().connections === 1)
  const socket = site.responses[0]?.socket
  expect((site.responses[0]?.writableLength ?? 0) + site.trunkline.stats().queuedBytes).toBeLessThan(1_024 * 1_024)
  lazy.leave()
  await eventually(() => site.trunkline.stats().connections === 0, 1_000)
  expect(socket?.listenerCount('drain')).toBe(nodesOwn)
  expect(site.trunkline.stats().queuedBytes).toBe(0)
})

const numbers = Array.from({ length: eventCount }, (_, number) => number)

function numbersOf(details: readonly unknown[]): readonly number[] {
  return (details as readonly { number: number; padding: string }[]).map(({ number, padding: { length } }) =>
    length === eventBytes ? number : Number.NaN,
  )
}

async function publish({ trunkline }: Site, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    await trunkline.publishGlobal({ type: 'page', detail: { number, padding } })
  }
}
