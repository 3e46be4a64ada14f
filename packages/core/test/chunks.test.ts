import { createTrunkline, memory, type HookEvent, type Trunkline } from '@trunkline/core'
import { afterEach, describe, expect, test } from 'vitest'

import { eventually, StreamReader } from './support.ts'

const opened: Trunkline[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((trunkline) => trunkline.stop({ graceMs: 0 })))
})

const grow = (event: HookEvent): HookEvent => ({ ...event, detail: `${String(event.detail)} ${'x'.repeat(10_000)}` })
const total = 1_000
const all = Array.from({ length: total }, (_, detail) => ({ scope: 'global', type: 'x', detail }) as const)

function numbers(reader: StreamReader): readonly number[] {
  return reader.details.map((detail) => Number.parseInt(String(detail), 10))
}

// What a client that stops reading can cost: 256 KiB of details, one event, and the frames of 500 events.
describe('a chunk is bounded by what hooks make of events, and nothing is left out', () => {
  test.each([
    ['beforeSend', { beforeSend: grow }],
    ['an asynchronous beforeSend', { beforeSend: async (event: HookEvent) => grow(event) }],
    ['onReceive', { onReceive: grow }],
  ])('%s, read from the ring and from the store', async (_, hooks) => {
    const log = memory()
    const trunkline = createTrunkline({ ...log, ...hooks })
    const late = createTrunkline({ ...log, ...hooks })
    opened.push(trunkline, late)
    const floor = await trunkline.cursor('floor')
    const waiting = new StreamReader(await trunkline.connect({ userId: null }))
    await waiting.readChunk()
    await trunkline.publishMany(all)
    await eventually(() => trunkline.stats().tail.cursor?.includes(total.toString(36)) === true)
    const fromStore = new StreamReader(await late.connect({ userId: null, cursor: floor }))

    for (const reader of [waiting, fromStore]) {
      await reader.untilEvents(total)
      expect(numbers(reader)).toEqual(all.map(({ detail }) => detail))
      expect(Math.max(...reader.chunks.map(({ length }) => length))).toBeLessThan(300_000)
    }
  })

  test('for a client that waits, of a batch that comes at once', async () => {
    const trunkline = createTrunkline({ ...memory(), beforeSend: grow })
    opened.push(trunkline)
    const reader = new StreamReader(await trunkline.connect({ userId: null }))
    await reader.readChunk()
    const read = reader.untilEvents(100)
    await trunkline.publishMany(all.slice(0, 100))
    await read
    expect(numbers(reader)).toEqual(all.slice(0, 100).map(({ detail }) => detail))
    expect(Math.max(...reader.chunks.map(({ length }) => length))).toBeLessThan(300_000)
  })

  test('many events without a detail', async () => {
    const trunkline = createTrunkline(memory())
    opened.push(trunkline)
    const reader = new StreamReader(await trunkline.connect({ userId: null }))
    await reader.readChunk()
    await trunkline.publishMany(Array.from({ length: 5_000 }, () => ({ scope: 'global', type: 'x' }) as const))
    await reader.untilEvents(5_000)
    expect(Math.max(...reader.chunks.map(({ length }) => length))).toBeLessThan(300_000)
  })
})
