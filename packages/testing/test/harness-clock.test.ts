import { createHarness } from '@trunkline/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'

const hour = 3_600_000
const start = new Date('2030-01-01T00:00:00Z')

describe('the clock of a harness', () => {
  test('stands still until it is advanced, and events are stored at its time', async () => {
    await using harness = await createHarness({ now: start })
    const transaction = harness.transaction()
    await harness.trunkline.publishGlobal({ type: 'in-transaction' }, { transaction })
    await harness.trunkline.publishGlobal({ type: 'a' })
    await harness.clock.advance(1_500)
    await harness.trunkline.publishGlobal({ type: 'b' })
    await transaction.commit()
    expect((await harness.expectEvent('a')).createdAt).toBe('2030-01-01T00:00:00.000Z')
    expect((await harness.expectEvent('b')).createdAt).toBe('2030-01-01T00:00:01.500Z')
    // Its time is that of its placing.
    expect((await harness.expectEvent('in-transaction')).createdAt).toBe('2030-01-01T00:00:01.500Z')
    expect(harness.clock.now()).toEqual(new Date('2030-01-01T00:00:01.500Z'))
    const { events } = await harness.trunkline.find({ createdBefore: harness.clock.now() })
    expect(events.map(({ type }) => type)).toEqual(['a'])
  })

  test('starts at the real time', async () => {
    const before = Date.now()
    await using harness = await createHarness()
    const time = harness.clock.now().getTime()
    expect(time).toBeGreaterThanOrEqual(before)
    expect(time).toBeLessThanOrEqual(Date.now())
  })

  test('lets events grow too old, to the millisecond', async () => {
    await using harness = await createHarness({ now: start })
    const { id, cursor } = await harness.trunkline.publishGlobal({ type: 'a' })
    await harness.clock.advance(24 * hour)
    expect(await harness.trunkline.get(id)).not.toBeNull()
    await harness.clock.advance(1)
    expect(await harness.trunkline.get(id)).toBeNull()
    expect(await harness.trunkline.cursor('floor')).toBe(cursor)
  })

  test('goes by the retention of the application', async () => {
    const ages = async (retention: false | { readonly maxAgeMs?: number; readonly maxEvents?: number }) => {
      await using harness = await createHarness({ now: start, retention })
      for (const type of ['a', 'b', 'c']) {
        await harness.trunkline.publishGlobal({ type })
        await harness.clock.advance(hour)
      }
      return (await harness.trunkline.find()).events.map(({ type }) => type)
    }
    expect(await ages(false)).toEqual(['c', 'b', 'a'])
    expect(await ages({ maxAgeMs: 2 * hour })).toEqual(['c', 'b'])
    expect(await ages({ maxEvents: 1 })).toEqual(['c'])
    expect(await ages({ maxAgeMs: hour, maxEvents: 2 })).toEqual(['c'])
  })

  test('refuses what is no time', async () => {
    await expect(createHarness({ now: new Date('never') })).rejects.toThrow('now must be a valid Date.')
    await using harness = await createHarness()
    await expect(harness.clock.advance(Number.NaN)).rejects.toThrow('got NaN')
  })
})

describe('with the fake timers of the runner', () => {
  afterEach(() => vi.useRealTimers())

  test('heartbeats come when their time comes', async () => {
    vi.useFakeTimers()
    await using harness = await createHarness()
    const client = await harness.connect({ userId: 1 })
    const beats = () => client.frames.filter(({ event }) => event === 'heartbeat').length
    await vi.advanceTimersByTimeAsync(14_999)
    expect(beats()).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(beats()).toBe(1)
  })

  test('a stream ends when the identity of its client expires', async () => {
    vi.useFakeTimers()
    await using harness = await createHarness()
    const client = await harness.connect({ userId: 1, expiresAt: new Date(Date.now() + hour) })
    await vi.advanceTimersByTimeAsync(hour - 1)
    await harness.trunkline.publish({ userId: 1, type: 'a' })
    await client.expectEvent('a')
    await vi.advanceTimersByTimeAsync(1)
    expect(await client.closed).toBe('expired')
  })

  test('the harness itself waits in real time', async () => {
    vi.useFakeTimers()
    await using harness = await createHarness()
    await harness.expectNoEvent('*', undefined, { within: 5 })
    await expect(harness.expectEvent('a', undefined, { within: 5 })).rejects.toThrow('within 5 ms')
  })
})
