import { createHarness } from '@trunkline/testing'
import { describe, expect, test } from 'vitest'

describe('a transaction of a harness', () => {
  test('lets its events arrive at the commit, in order, and not before', async () => {
    await using harness = await createHarness()
    const client = await harness.connect({ userId: 1 })
    const transaction = harness.transaction()
    const receipt = await harness.trunkline.publish({ userId: 1, type: 'a' }, { transaction })
    expect(receipt).toEqual({ id: receipt.id, cursor: null, duplicate: null })
    await harness.trunkline.publishMany(
      [
        { scope: 'user', userId: 1, type: 'b' },
        { scope: 'global', type: 'c' },
      ],
      { transaction },
    )
    await harness.trunkline.publish({ userId: 1, type: 'outside' })
    await client.expectEvent('outside')
    await client.expectNoEvent('*')
    await transaction.commit()
    await client.expectEvent('c')
    expect(client.events.map(({ type }) => type)).toEqual(['outside', 'a', 'b', 'c'])
    expect(client.events[1]?.id).toBe(receipt.id)
    expect(await harness.trunkline.get(receipt.id)).toMatchObject({ type: 'a' })
  })

  test('lets nothing arrive after a rollback, nor when its scope ends without a commit', async () => {
    await using harness = await createHarness()
    const rolledBack = harness.transaction()
    const { id } = await harness.trunkline.publishGlobal({ type: 'a' }, { transaction: rolledBack })
    await rolledBack.rollback()
    {
      await using left = harness.transaction()
      await harness.trunkline.publishGlobal({ type: 'b' }, { transaction: left })
    }
    {
      await using committed = harness.transaction()
      await harness.trunkline.publishGlobal({ type: 'c' }, { transaction: committed })
      await committed.commit()
    }
    await harness.expectEvent('c')
    expect(harness.events).toHaveLength(1)
    expect(await harness.trunkline.get(id)).toBeNull()
  })

  test('takes the publish that was called before its commit, awaited or not', async () => {
    await using harness = await createHarness()
    const transaction = harness.transaction()
    const publishing = harness.trunkline.publishGlobal({ type: 'a' }, { transaction })
    await transaction.commit()
    await publishing
    await harness.expectEvent('a')
  })

  test('ends once, and takes nothing after its end', async () => {
    await using harness = await createHarness()
    const transaction = harness.transaction()
    await transaction.commit()
    await expect(transaction.rollback()).rejects.toThrow('This transaction of the harness was committed already.')
    const late = harness.trunkline.publishGlobal({ type: 'a' }, { transaction })
    await expect(late).rejects.toMatchObject({ code: 'invalid_transaction', message: expect.stringContaining('was committed') })
    await harness.expectNoEvent('*')
  })

  test('places its events at the commit: a key that was used meanwhile is a repetition', async () => {
    await using harness = await createHarness()
    const transaction = harness.transaction()
    await harness.trunkline.publishGlobal({ type: 'a', detail: 'late', idempotencyKey: 'k' }, { transaction })
    await harness.trunkline.publishGlobal({ type: 'a', detail: 'first', idempotencyKey: 'k' })
    await transaction.commit()
    await harness.expectEvent('a', 'first')
    await harness.expectNoEvent('a')
  })

  test('is a function by its type, and says that it has no database when it is called', async () => {
    await using harness = await createHarness()
    await expect(harness.transaction()('select 1', [])).rejects.toThrow('no database to run this on: select 1.')
  })
})

describe('a transaction of the application', () => {
  test('stands for the one that the harness was told of', async () => {
    await using harness = await createHarness()
    // What code under test has of its driver, with whatever type that has.
    const yours = { isTransaction: true } as never
    const transaction = harness.transaction(yours)
    await harness.trunkline.publishGlobal({ type: 'a' }, { transaction: yours })
    await harness.expectNoEvent('a')
    // The test rolls its own back, and commits what was published.
    await transaction.commit()
    await harness.expectEvent('a')
  })

  test('that the harness was not told of is refused', async () => {
    await using harness = await createHarness()
    const refused = harness.trunkline.publishGlobal({ type: 'a' }, { transaction: { isTransaction: true } as never })
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_transaction',
      message: expect.stringContaining('harness.transaction(yours)'),
    })
  })
})
