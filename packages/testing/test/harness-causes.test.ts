import { createHarness } from '@trunkline/testing'
import { expect, test } from 'vitest'

import { failure } from './failure.ts'

test('what was published and is not for this client is listed, with why', async () => {
  await using harness = await createHarness({ canRead: () => true })
  const { trunkline } = harness
  await trunkline.publish({ userId: 7, type: 'paid', detail: 0 })
  const client = await harness.connect({ userId: 7, channels: ['room-7'] })
  await trunkline.publish({ userId: 8, type: 'paid', detail: 1 })
  await trunkline.publishToChannel({ channel: 'room-8', type: 'paid', detail: 2 })
  await trunkline.publishToChannel({ channel: 'room-7', type: 'paid', detail: 3, skipUserIds: [7] })
  await trunkline.publishSystem({ type: 'paid', detail: 4 })
  await trunkline.publish({ userId: 8, type: 'paid', detail: 5, store: false })
  await harness.expectEvent('paid', 5)
  expect(await failure(client, 'paid')).toBe(
    `No "paid" came to the client of user "7" in "room-7" within 20 ms.
Nothing came.
Published, but not here:
  paid 0 to user "7": this client connected after it: connect first, or with a cursor
  paid 1 to user "8": this client is not that user
  paid 2 in channel "room-8": this client does not read that channel
  paid 3 in channel "room-7": its skipUserIds leave this user out
  paid 4 to the backend: system events are for backend subscribers: use harness.expectEvent
  paid 5 to user "8": this client is not that user`,
  )
})

test('what became of a transaction is said', async () => {
  await using harness = await createHarness()
  const { trunkline } = harness
  const client = await harness.connect({ userId: 7 })
  const [open, rolledBack] = [harness.transaction(), harness.transaction()]
  await trunkline.publish({ userId: 7, type: 'paid', detail: 1 }, { transaction: open })
  await trunkline.publish({ userId: 7, type: 'paid', detail: 2 }, { transaction: rolledBack })
  await rolledBack.rollback()
  // An application that swallows the rejection is where this helps.
  await trunkline.publish({ userId: 7, type: 'paid', detail: 3 }, { transaction: {} as never }).catch(() => {})
  await trunkline.publish({ userId: 8, type: 'paid', detail: 4, idempotencyKey: 'k' })
  await trunkline.publish({ userId: 7, type: 'paid', detail: 5, idempotencyKey: 'k' })
  expect(await failure(client, 'paid')).toBe(
    `No "paid" came to the client of user "7" within 20 ms.
Nothing came.
Published, but not here:
  paid 1 to user "7": its transaction is still open, and it arrives at the commit
  paid 2 to user "7": its transaction was rolled back, so it never arrives. Commit in the test: see "Transactions" in docs/testing.md
  paid 3 to user "7": publish was refused, because its transaction is none of the harness, or had ended
  paid 4 to user "8": this client is not that user
  paid 5 to user "7": its idempotencyKey had been used before, so nothing was published`,
  )
})

test('a hook that dropped it is suspected, and its failure told', async () => {
  await using harness = await createHarness({
    beforeSend: () => {
      throw new Error('a bug')
    },
    onError: () => {},
  })
  const client = await harness.connect({ userId: 7 })
  await harness.trunkline.publish({ userId: 7, type: 'paid' })
  await harness.expectEvent('paid')
  expect(await failure(client, 'paid')).toBe(
    `No "paid" came to the client of user "7" within 20 ms.
Nothing came.
Published, but not here:
  paid {} to user "7": a hook (onReceive, beforeSend) dropped it, changed its type, or is not done with it
Reported to onError:
  beforeSend: beforeSend failed, which counts as no: a bug`,
  )
})

test('the backend is told of a hook that dropped it', async () => {
  await using harness = await createHarness({ onReceive: () => null })
  await harness.trunkline.publishSystem({ type: 'paid' })
  expect(await failure(harness, '*')).toBe(
    `No event came to the backend within 20 ms.
Nothing came.
Published, but not here:
  paid {} to the backend: onReceive dropped it, changed its type, or is not done with it`,
  )
})

test('a client through the application may be anybody', async () => {
  await using harness = await createHarness()
  const headers = { 'content-type': 'text/event-stream' }
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('event: connected\ndata: {}\n\n')),
  })
  const client = await harness.connect(new Response(body, { headers }))
  await harness.trunkline.publish({ userId: 7, type: 'paid' })
  expect(await failure(client, 'paid')).toContain(
    'paid {} to user "7": unless this client is somebody else, or reads other channels: a hook (',
  )
})
