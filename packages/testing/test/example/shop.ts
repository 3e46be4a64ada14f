import type { EventMapOf, Reader, Trunkline } from '@trunkline/core'
import * as v from 'valibot'
import { fetchAdapter } from '../../../adapter-fetch/src/index.ts'
import type { PostgresTransaction } from '../../../postgres/src/index.ts'

/** What a test has to have too: in production it is createTrunkline({ ...postgres({ url }), ...realtime }). */
export const realtime = {
  events: { order_placed: v.object({ ':id': v.number(), total: v.number() }) },
  canRead: ({ userId, channel }: Reader) => channel === 'warehouse' && userId === 'ada',
}

export type ShopTrunkline = Trunkline<EventMapOf<typeof realtime.events>, PostgresTransaction>

/** What the shop needs of its database. */
export interface Database {
  transaction<T>(work: (transaction: PostgresTransaction) => Promise<T>): Promise<T>
  insertOrder(order: { userId: string; total: number }, transaction: PostgresTransaction): Promise<number>
}

export function createShop(trunkline: ShopTrunkline, db: Database): (request: Request) => Promise<Response> {
  const realtimeRoutes = fetchAdapter(trunkline, { path: '/realtime', identify: userOf })
  return async (request) => {
    if (new URL(request.url).pathname !== '/orders') return realtimeRoutes(request)
    const userId = userOf(request)
    if (userId === null) return new Response('Sign in to order.', { status: 401 })
    const { total } = (await request.json()) as { total: number }
    return db.transaction(async (transaction) => {
      const id = await db.insertOrder({ userId, total }, transaction)
      const event = { type: 'order_placed', detail: { ':id': id, total } } as const
      await trunkline.publish({ ...event, userId }, { transaction })
      await trunkline.publishToChannel({ ...event, channel: 'warehouse' }, { transaction })
      return Response.json({ id }, { status: 201 })
    })
  }
}

function userOf(request: Request): string | null {
  return request.headers.get('x-user')
}
