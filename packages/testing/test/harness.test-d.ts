import { createTrunkline, type Trunkline } from '@trunkline/core'
import { createHarness, type Harness } from '@trunkline/testing'
import * as v from 'valibot'
import { expectTypeOf, test } from 'vitest'

// By path: as dependencies they would make a circle of packages, and no order to build them in.
import { postgres, type PostgresTransaction } from '../../postgres/src/index.ts'

const realtime = {
  events: {
    order_placed: v.object({ ':id': v.number(), lines: v.array(v.object({ item: v.string() })), at: v.optional(v.date()) }),
    note: v.object({ text: v.string() }),
  },
}
type Tables = { readonly order: { readonly id: number } }
/** As it is in kysely, as far as it matters here: an object with methods. */
interface Transaction<T> {
  readonly isTransaction: true
  selectFrom<K extends keyof T>(table: K): T[K]
}
declare const yours: Transaction<Tables>

test('what is expected is typed by the catalogue', async () => {
  const harness = await createHarness(realtime)
  const client = await harness.connect({ userId: 7 })
  const placed = await client.expectEvent('order_placed:1', { lines: [{}] })
  expectTypeOf(placed.detail.lines[0]!.item).toBeString()
  expectTypeOf(placed.detail.at).toEqualTypeOf<string | undefined>()
  await harness.expectEvent('note', ({ text }, { scope, userId }) => text === '' && scope === 'user' && userId === '7')
  const any = await client.expectEvent('*')
  expectTypeOf(any.type).toEqualTypeOf<'order_placed' | 'note'>()
  // @ts-expect-error no such type
  await client.expectEvent('nota')
  // @ts-expect-error a note has no entity
  await client.expectEvent('note:1')
  // @ts-expect-error no such part of the detail
  await client.expectEvent('note', { txt: 'a' })
  // @ts-expect-error not of this type
  await client.expectNoEvent('order_placed', { ':id': '1' })
  // @ts-expect-error whom it is for is not on the wire
  await client.expectEvent('note', (_detail, event) => event.userId === '7')
  // @ts-expect-error publishing is typed too
  await harness.trunkline.publish({ userId: 7, type: 'note', detail: { txt: 'a' } })
})

test('without a catalogue anything goes', async () => {
  const harness = await createHarness()
  expectTypeOf(harness).toEqualTypeOf<Harness>()
  const event = await harness.expectEvent('whatever:7', { a: [1] })
  expectTypeOf(event.detail).toBeUnknown()
  await harness.expectEvent('whatever', (detail, { type }) => detail === 1 && type === 'whatever')
})

test('hooks and users are typed as in createTrunkline', async () => {
  const harness = await createHarness({
    ...realtime,
    canRead: ({ user }: { readonly user: { readonly staff: boolean } | undefined }) => user?.staff === true,
  })
  await harness.connect({ userId: 7, user: { staff: true } })
  // @ts-expect-error no such user
  await harness.connect({ userId: 7, user: { stuff: true } })
  // @ts-expect-error a dialect that the client does not read
  await harness.connect({ dialect: 'trunkline' })
  // @ts-expect-error the harness brings its own
  await createHarness({ ...postgres({ url: '' }) })
})

test('code written for PostgreSQL takes the trunkline and the transactions of a harness as they are', async () => {
  const production = createTrunkline({ ...postgres({ url: '' }), ...realtime })
  const placeOrder = async (trunkline: typeof production, transaction: PostgresTransaction): Promise<void> => {
    await trunkline.publish({ userId: 7, type: 'note', detail: { text: 'a' } }, { transaction })
  }
  const harness = await createHarness(realtime)
  await placeOrder(harness.trunkline, harness.transaction())
  // @ts-expect-error events of another catalogue
  await placeOrder((await createHarness()).trunkline, harness.transaction())
  expectTypeOf(harness.trunkline).toExtend<Trunkline<Exclude<(typeof production)['~events'], undefined>, PostgresTransaction>>()
})

test('code that wants the type of its own driver takes them by a cast', async () => {
  const placeOrder = async (_transaction: Transaction<Tables>): Promise<void> => {}
  const harness = await createHarness(realtime)
  await placeOrder(harness.transaction() as unknown as Transaction<Tables>)
  // @ts-expect-error not without one
  await placeOrder(harness.transaction())
  // And the driver's own is told to the harness as it is.
  harness.transaction(yours)
})
