import { describe, expect, inject, test } from 'vitest'

import { createDeployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { testRandom } from './support/random.ts'
import { RestlessClient } from './support/restless-client.ts'
import { StreamClient } from './support/stream-client.ts'
import { openTransactionClient } from './support/transactions.ts'
import { type Committed, writeInTransactions, writePlainly } from './support/writers.ts'

const databaseUrl = inject('databaseUrl')
const plainWriters = 16
const transactionWriters = 16

describe('order', () => {
  test('32 writers, half of them in transactions: every reader sees exactly the committed events, once each, in one order', async () => {
    const random = testRandom()
    await using deployment = await createDeployment(databaseUrl)
    const processes = [deployment.open(), deployment.open()] as const
    await using live = await StreamClient.open(processes[1])
    await using restless = new RestlessClient(processes, random.fork(), live.cursor)

    const written = await Promise.all([
      ...times(plainWriters, (n) => writePlainly(processes[(n % 2) as 0 | 1], random.fork(), `p${n}`, 270)),
      ...times(transactionWriters, async (n) => {
        await using client = await openTransactionClient(deployment.url)
        return await writeInTransactions(processes[(n % 2) as 0 | 1], client, random.fork(), `t${n}`, 50)
      }),
    ])
    const committed = written.flat()
    const count = committed.flat().length
    expect(count).toBeGreaterThanOrEqual(5_000)

    await live.untilEvents(count)
    await processes[0].publishGlobal({ type: 'end' })
    await live.until('the end', () => live.events.at(-1)?.type === 'end')
    const floor = await processes[0].cursor('floor')
    await using fresh = await StreamClient.open(deployment.open(), { cursor: floor })
    await fresh.until('the end', () => fresh.events.at(-1)?.type === 'end')
    // The same once more on a bad line: processes that have just begun remember nothing, so each connection reads the database.
    await using late = new RestlessClient([deployment.open(), deployment.open()], random.fork(), floor)
    await eventually('the late client to have come as far', () => late.count >= live.events.length)
    await eventually('the restless client to have come as far', () => restless.count >= live.events.length)

    expectExactly(live.details, committed)
    expect(restless.events).toEqual(live.events)
    expect(fresh.events).toEqual(live.events)
    expect(late.events).toEqual(live.events)
    expect(restless.connections).toBeGreaterThan(20)
    expect([...live.resets, ...restless.resets, ...fresh.resets, ...late.resets]).toEqual([])
    expect(deployment.reported).toEqual([])
  })
})

/** Each once, and in the order in which its writer wrote it. */
function expectExactly(details: readonly unknown[], committed: Committed): void {
  const places = new Map(details.slice(0, -1).map((detail, index) => [detail, index]))
  expect(places.size).toBe(details.length - 1)
  expect(new Set(places.keys())).toEqual(new Set(committed.flat()))
  for (const names of committed) {
    const inOrder = names.map((name) => places.get(name) as number)
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b))
  }
}

function times<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => make(n))
}
