import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { toNodeHandler } from '@trunkline/adapter-node-http'
import { createAdmin } from '@trunkline/admin'
import { type Connection, createTrunkline, memory } from '@trunkline/core'
import * as v from 'valibot'

const id = v.union([v.string(), v.number()])

/** What happens in a shop. */
const events = {
  order_paid: v.object({ ':id': id, total: v.number(), currency: v.string(), items: v.number() }),
  parcel_moved: v.object({ ':id': id, state: v.picklist(['packed', 'on its way', 'delivered']), city: v.string() }),
  chat_message: v.object({ from: v.string(), text: v.string() }),
  import_progress: v.object({ ':id': id, percent: v.number() }),
  price_changed: v.object({ product: v.string(), price: v.number() }),
  cache_cleared: v.object({ keys: v.number() }),
}

/** A shop whose admin pages are worth a picture. */
export interface Shop extends AsyncDisposable {
  /** Of the admin pages. */
  readonly url: string
  /** An event with private data and with a history. */
  readonly paid: string
  /** A few events, one after the other. */
  trade(): Promise<void>
}

const visitors = [
  ['118', '203.0.113.24'],
  ['42', '2001:db8:7::1f'],
  ['7', '198.51.100.7'],
  ['7', '198.51.100.7'],
  [null, '192.0.2.81'],
] as const

/** Opens the shop: its pages, and what happened this morning. */
export async function openShop(): Promise<Shop> {
  const trunkline = createTrunkline({ ...memory(), events, tracking: true, canRead: () => true })
  const admin = createAdmin(trunkline, { authorize: () => ({ actor: 'ada@shop.example', privateData: true }) })
  const server = createServer(toNodeHandler(admin, { path: '/admin' })).listen(0, '127.0.0.1')
  await once(server, 'listening')
  await trunkline.start()

  async function trade(): Promise<void> {
    await trunkline.publish({
      userId: 118,
      type: 'parcel_moved',
      detail: { ':id': 'P-3391', state: 'on its way', city: 'Leipzig' },
    })
    await trunkline.publishToChannel({
      channel: 'support',
      type: 'chat_message',
      detail: { from: 'Grace', text: 'Your refund is on its way, Ada.' },
    })
    await trunkline.publishGlobal({ type: 'price_changed', detail: { product: 'Lamp “Aurora”', price: 49.9 } })
    await trunkline.publish({ userId: 42, type: 'order_paid', detail: { ':id': 2_213, total: 18.5, currency: 'EUR', items: 1 } })
    for (const percent of [25, 50, 75]) {
      await trunkline.publish({ userId: 7, type: 'import_progress', detail: { ':id': 'catalogue.csv', percent } })
    }
    await trunkline.publishSystem({ type: 'cache_cleared', detail: { keys: 1_204 } })
    await trunkline.publishToChannel({
      channel: 'support',
      type: 'chat_message',
      detail: { from: 'Edsger', text: 'Where do I find the invoice?' },
    })
  }

  await trade()
  const stream = await trunkline.connect({ userId: 42 })
  const reading = readToTheEnd(stream)
  const paid = await trunkline.publish({
    userId: 42,
    type: 'order_paid',
    detail: { ':id': 2_214, total: 129.9, currency: 'EUR', items: 3 },
    privateData: { provider: 'acme-pay', transaction: 'tx_8f21c0', risk: 0.02 },
    idempotencyKey: 'payment-8f21c0',
  })
  for (const [userId, address] of visitors) {
    const channels = userId === '7' ? ['support'] : []
    void readToTheEnd(await trunkline.connect({ userId, channels, address }))
  }
  for (const status of ['delivered', 'read'] as const) await trunkline.acknowledge({ userId: 42, ids: [paid.id], status })
  await trade()

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/admin`, // not a pipe
    paid: paid.id,
    trade,
    async [Symbol.asyncDispose]() {
      stream.close()
      await reading
      await trunkline.stop({ graceMs: 0 })
      await close(server)
    },
  }
}

/** A client that shows nothing. */
async function readToTheEnd(stream: Connection): Promise<void> {
  while (!(await stream.next()).done);
}

async function close(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
