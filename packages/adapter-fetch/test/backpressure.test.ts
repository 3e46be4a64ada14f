import { expect, test } from 'vitest'

import type { Connectable } from '@trunkline/core'

import { createSite, StreamReader } from './support.ts'

test('nothing is taken from the connection that nobody reads', async () => {
  let taken = 0
  await using house = createSite()
  // The connection as it is, but counting.
  const connectable: Connectable = {
    async connect(options) {
      const connection = await house.trunkline.connect(options)
      const next = connection.next.bind(connection)
      return Object.assign(connection, { next: () => (taken++, next()) })
    },
  }
  await using site = createSite({}, connectable)
  const stream = new StreamReader(await site.ask('/realtime/sse'))
  for (let detail = 0; detail < 100; detail++) await house.trunkline.publishGlobal({ type: 'count', detail })
  expect(taken).toBe(0)

  await stream.readChunk()
  expect([taken, stream.details.length]).toEqual([1, 0])
  // What had come meanwhile is one chunk, and asking for it asks for nothing else.
  await stream.readChunk()
  expect([taken, stream.details.length]).toEqual([2, 100])
  for (let detail = 100; detail < 200; detail++) await house.trunkline.publishGlobal({ type: 'count', detail })
  expect(taken).toBe(2)
  await stream.untilDetails(200)
  expect(stream.details).toEqual(Array.from({ length: 200 }, (_, detail) => detail))
})

test('a reader that does not read costs a bounded number of bytes and slows nobody, and gets everything when it reads again', async () => {
  await using site = createSite()
  const lazy = new StreamReader(await site.ask('/realtime/sse'))
  const neighbour = new StreamReader(await site.ask('/realtime/sse'))
  const padding = 'x'.repeat(200 * 1_024)
  const count = 150
  let mostQueued = 0
  await lazy.readChunk()
  for (let number = 0; number < count; number++) {
    await site.trunkline.publishGlobal({ type: 'page', detail: { number, padding } })
    await neighbour.untilDetails(number + 1)
    mostQueued = Math.max(mostQueued, site.trunkline.stats().queuedBytes)
  }
  // 30 MB were published.
  expect(mostQueued).toBeLessThan(1_024 * 1_024)
  await lazy.untilDetails(count)
  expect(Math.max(...lazy.chunks.map(({ length }) => length))).toBeLessThan(1_024 * 1_024)
  expect(lazy.details.map((detail) => (detail as { number: number }).number)).toEqual(
    Array.from({ length: count }, (_, number) => number),
  )
})
