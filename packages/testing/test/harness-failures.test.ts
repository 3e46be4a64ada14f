import { createHarness } from '@trunkline/testing'
import { expect, test } from 'vitest'

import { failure } from './failure.ts'

const causes = `Had the application published by now, and with the trunkline of this harness?
What is published in a transaction arrives when that commits: a test that wraps each case in a transaction and rolls it back
never sees its events. See "Transactions" in docs/testing.md.`

test('nothing was published: the usual causes', async () => {
  await using harness = await createHarness()
  const client = await harness.connect({ userId: 7 })
  expect(await failure(client, 'order_paid', { id: 1 })).toBe(
    `No "order_paid" with {"id":1} came to the client of user "7" within 20 ms.
Nothing came.
Nothing was published as "order_paid", nothing else either.
${causes}`,
  )
})

test('something else was published: a name may be wrong', async () => {
  await using harness = await createHarness()
  const client = await harness.connect()
  await harness.trunkline.publishGlobal({ type: 'order_payed' })
  await harness.trunkline.publish({ userId: 7, type: 'note' })
  expect(await failure(client, 'order_paid:1')).toBe(
    `No "order_paid:1" came to the anonymous client within 20 ms.
What came:
  order_payed {} to everyone
Nothing was published as "order_paid:1", only order_payed, note.
${causes}`,
  )
})

test('what did come is listed, with what is wrong about it', async () => {
  await using harness = await createHarness()
  const { trunkline } = harness
  const client = await harness.connect({ userId: 7 })
  await trunkline.publish({ userId: 7, type: 'paid', detail: { id: 1, lines: [1] } })
  await trunkline.publish({ userId: 7, type: 'paid', detail: { id: 2, lines: [1, 2] } })
  await trunkline.publish({ userId: 7, type: 'paid', detail: { id: 2, lines: [1] } })
  await trunkline.publishGlobal({ type: 'note' })
  const wanted = { id: 2, lines: [1] }
  await client.expectEvent('paid', wanted)
  expect(await failure(client, 'paid', wanted)).toBe(
    `No "paid" with {"id":2,"lines":[1]} came to the client of user "7" within 20 ms.
What came:
  paid {"id":1,"lines":[1]} to one user: detail.id: got 1, wanted 2
  paid {"id":2,"lines":[1,2]} to one user: detail.lines: got 2 items, wanted 1
  paid {"id":2,"lines":[1]} to one user: was handed to an expectation before
  note {} to everyone`,
  )
  expect(await failure(client, 'paid', () => false)).toMatch(
    /^No "paid" that the function accepts came .*\n.*\n.*: the function said no/,
  )
})

test('a stream that has ended is not waited for', async () => {
  let isStaff = true
  await using harness = await createHarness({ canRead: () => isStaff })
  const client = await harness.connect({ userId: 7, channels: ['staff'] })
  isStaff = false
  await harness.trunkline.permissionChanged({ channel: 'staff' })
  await client.closed
  await harness.trunkline.publish({ userId: 7, type: 'paid' })
  const failed = client.expectEvent('paid', undefined, { within: 60_000 })
  await expect(failed).rejects.toThrow(
    `No "paid" came to the client of user "7" in "staff" before its end (forbidden).
Nothing came.
Published, but not here:
  paid {} to user "7": the stream had ended (forbidden)`,
  )
})

test('of many events the newest are listed, and of many published those that are wanted', async () => {
  await using harness = await createHarness()
  const client = await harness.connect({ userId: 7 })
  await harness.trunkline.publish({ userId: 8, type: 'paid', detail: 'wanted' })
  for (let n = 0; n < 25; n++) {
    await harness.trunkline.publish({ userId: 7, type: 'note', detail: n })
    await harness.trunkline.publish({ userId: 8, type: 'paid', detail: 'x'.repeat(n * 10) })
  }
  await client.expectEvent('note', 24)
  const lines = (await failure(client, 'paid', 'wanted')).split('\n')
  expect(lines).toHaveLength(1 + 12 + 12)
  expect(lines[2]).toBe('  … and 15 before')
  expect(lines[3]).toBe('  note 15 to one user')
  expect(lines.at(-2)).toMatch(/^ {2}paid "x{99}… \(242 characters\) to user "8": this client is not that user$/)
  expect(lines.at(-1)).toBe('  paid "wanted" to user "8": this client is not that user')
})

test('an event that was not to come is shown', async () => {
  await using harness = await createHarness()
  await harness.trunkline.publish({ userId: 7, type: 'paid', detail: 1 })
  await expect(harness.expectNoEvent('paid', 1)).rejects.toThrow(
    'No "paid" with 1 was to come to the backend, and there is one: paid 1 to user "7".',
  )
})

test('the stack of a failure leads to the line of the test', async () => {
  await using harness = await createHarness()
  const error = await harness.expectEvent('paid', undefined, { within: 1 }).catch((thrown: Error) => thrown)
  expect(error).toBeInstanceOf(Error)
  expect((error as Error).stack).toContain('harness-failures.test.ts')
})
