import { createHarness } from '@trunkline/testing'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'

const events = {
  order_placed: v.object({ ':id': v.number(), lines: v.array(v.object({ item: v.string(), count: v.number() })) }),
  note: v.object({ text: v.optional(v.string()) }),
}

describe('expectations', () => {
  test('find what has come, and wait for what comes', async () => {
    await using harness = await createHarness({ events })
    const client = await harness.connect({ userId: 1 })
    await harness.trunkline.publish({ userId: 1, type: 'note', detail: { text: 'first' } })
    await client.expectEvent('note', { text: 'first' })
    const waiting = client.expectEvent('note', { text: 'second' })
    await harness.trunkline.publish({ userId: 1, type: 'note', detail: { text: 'other' } })
    await harness.trunkline.publish({ userId: 1, type: 'note', detail: { text: 'second' } })
    expect((await waiting).detail).toEqual({ text: 'second' })
  })

  test('each event is handed out once', async () => {
    await using harness = await createHarness({ events })
    const client = await harness.connect({ userId: 1 })
    const both = Promise.all([client.expectEvent('note'), client.expectEvent('note')])
    await harness.trunkline.publish({ userId: 1, type: 'note', detail: { text: 'a' } })
    await harness.trunkline.publish({ userId: 1, type: 'note', detail: { text: 'b' } })
    expect((await both).map(({ detail }) => detail.text)).toEqual(['a', 'b'])
    await client.expectNoEvent('note')
    await expect(client.expectEvent('note', undefined, { within: 1 })).rejects.toThrow('was handed to an expectation before')
    // Backend subscribers have events of their own.
    await harness.expectEvent('note', { text: 'a' })
  })

  test('go by type, by type and entity, or by neither', async () => {
    await using harness = await createHarness({ events })
    const client = await harness.connect({ userId: 1 })
    for (const id of [4, 42]) {
      await harness.trunkline.publish({ userId: 1, type: 'order_placed', detail: { ':id': id, lines: [] } })
    }
    await harness.trunkline.publish({ userId: 1, type: 'note', detail: {} })
    expect((await client.expectEvent('order_placed:42')).detail[':id']).toBe(42)
    expect((await client.expectEvent('*')).detail).toEqual({ ':id': 4, lines: [] })
    await client.expectNoEvent('order_placed')
    await client.expectEvent('note')
    await client.expectNoEvent('*')
  })

  test('compare a detail as far as it is given', async () => {
    await using harness = await createHarness({ events })
    const lines = [
      { item: 'tea', count: 1 },
      { item: 'cup', count: 2 },
    ]
    const publish = () => harness.trunkline.publishGlobal({ type: 'order_placed', detail: { ':id': 1, lines } })
    for (const part of [
      undefined,
      {},
      { ':id': 1 },
      { lines: [{ item: 'tea' }, { count: 2 }] },
      { ':id': expect.any(Number), lines: expect.arrayContaining([{ item: 'cup', count: 2 }]) },
    ]) {
      await publish()
      await harness.expectEvent('order_placed', part)
    }
    await publish()
    const wrong = [
      { ':id': 2 },
      { lines: [{ item: 'tea' }] },
      { lines: [{ item: 'tea' }, { count: 3 }] },
      { ':id': expect.any(String) },
    ]
    for (const part of wrong) await harness.expectNoEvent('order_placed', part, { within: 1 })
  })

  test('a function decides by detail and event, and one that throws says no', async () => {
    await using harness = await createHarness({ events })
    await harness.trunkline.publish({ userId: 7, type: 'note', detail: { text: 'a' } })
    await harness.expectNoEvent('note', (detail) => detail.text === 'b', { within: 1 })
    const failed = harness.expectEvent('note', ({ text }) => expect(text).toBe('b'), { within: 1 })
    await expect(failed).rejects.toThrow(/the function threw: .*expected 'a' to be 'b'/)
    await harness.expectEvent('note', (_detail, event) => event.scope === 'user' && event.userId === '7')
  })

  test('the backend hears every scope, stored or not', async () => {
    await using harness = await createHarness({ events })
    await harness.trunkline.publishSystem({ type: 'note', detail: { text: 'system' } })
    await harness.trunkline.publish({ userId: 7, type: 'note', detail: { text: 'live' }, store: false })
    await harness.expectEvent('note', { text: 'live' })
    expect(await harness.expectEvent('note')).toMatchObject({ scope: 'system' })
    expect(harness.events).toHaveLength(2)
  })
})
