import { createHarness, type Harness } from '@trunkline/testing'
import { expect, test } from 'vitest'

import { createShop, type Database, realtime } from './shop.ts'

test('an order shows on the pages of who placed it, and in the warehouse', async () => {
  await using harness = await createHarness(realtime)
  const shop = createShop(harness.trunkline, fakeDatabase(harness))
  const page = await harness.connect({ userId: 'bob' })
  const warehouse = await harness.connect(await shop(request('/realtime/sse?channel=warehouse', 'ada')))

  await shop(request('/orders', 'bob', { total: 20 }))

  await page.expectEvent('order_placed', { total: 20 })
  await warehouse.expectEvent('order_placed:1')
  await page.expectNoEvent('*') // that was all
})

test('an order whose transaction fails shows nowhere', async () => {
  await using harness = await createHarness(realtime)
  const db = fakeDatabase(harness, () => Promise.reject(new Error('deadlock detected')))
  const shop = createShop(harness.trunkline, db)
  await expect(shop(request('/orders', 'bob', { total: 20 }))).rejects.toThrow('deadlock')
  await harness.expectNoEvent('*') // not for anybody
})

test('nobody else may watch the warehouse', async () => {
  await using harness = await createHarness(realtime)
  const shop = createShop(harness.trunkline, fakeDatabase(harness))
  expect((await shop(request('/realtime/sse?channel=warehouse', 'bob'))).status).toBe(403)
})

/** Stands in for the database: its transactions are the harness's. */
function fakeDatabase(harness: Pick<Harness, 'transaction'>, beforeCommit = async () => {}): Database {
  let orders = 0
  return {
    async transaction(work) {
      await using transaction = harness.transaction() // rolls back unless it was committed
      const result = await work(transaction)
      await beforeCommit()
      await transaction.commit()
      return result
    },
    insertOrder: async () => ++orders,
  }
}

function request(path: string, user: string, body?: object): Request {
  const headers = { 'x-user': user }
  const url = new URL(path, 'https://shop.example')
  return body === undefined
    ? new Request(url, { headers })
    : new Request(url, { headers, method: 'POST', body: JSON.stringify(body) })
}
