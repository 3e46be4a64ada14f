import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, inject, test } from 'vitest'

import { createDeployment } from './support/deployment.ts'
import { expectDelivered, hasArrived, startFlow } from './support/flow.ts'
import { ms, quantile } from './support/numbers.ts'
import { StreamClient } from './support/stream-client.ts'
import { openTransactionClient } from './support/transactions.ts'

const databaseUrl = inject('databaseUrl')

describe('a transaction that publishes and then stays open', () => {
  test('for 5 s delays no other publisher, and its event comes when it commits', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const slow = deployment.open()
    const trunkline = deployment.open()
    await using live = await StreamClient.open(trunkline)
    await using client = await openTransactionClient(deployment.url)

    await client.query('begin')
    await slow.publishGlobal({ type: 'flow', detail: 'slow.0' }, { transaction: client.transaction })
    await using flow = startFlow(trunkline, { callers: 8, transactionCallers: 4, url: deployment.url, pauseMs: 10 })
    await Promise.all([client.query('select pg_sleep(5)'), pause(5_000)])
    await flow.stop()
    await live.until('all that was acknowledged', () => hasArrived(live.events, flow))
    expectDelivered(live.events, flow)
    await client.query('commit')
    await live.until('the slow event', () => live.details.at(-1) === 'slow.0')

    const took = flow.acknowledged.map(({ tookMs }) => tookMs)
    console.log(
      `${took.length} publishes meanwhile: p50 ${ms(quantile(took, 0.5))}, p99 ${ms(quantile(took, 0.99))}, slowest ${ms(quantile(took, 1))}`,
    )
    expect(flow.failed).toEqual([])
    expect(took.length).toBeGreaterThan(1_000)
    expect(quantile(took, 0.99)).toBeLessThan(250)
    expect(quantile(took, 1)).toBeLessThan(2_000)
  })
})
