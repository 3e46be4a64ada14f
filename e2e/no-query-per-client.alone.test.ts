import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { nodeAdapter } from '@trunkline/adapter-node-http'
import { describe, expect, inject, test } from 'vitest'

import { Crowd } from './support/crowd.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { startProxy, type TcpProxy } from './support/tcp-proxy.ts'
import { startWebServer } from './support/web-server.ts'

const databaseUrl = inject('databaseUrl')
const events = 50

describe('1,000 connected clients', () => {
  test('cost no connection to the database, and not a query more than one client', async () => {
    await using deployment = await createDeployment(databaseUrl, { database: true })
    await using proxy = await startProxy({ target: { port: Number(new URL(deployment.url).port) } })

    const one = await measure(deployment, proxy, 1)
    const thousand = await measure(deployment, proxy, 1_000)

    console.log(`${events} events to 1 client and to 1,000: the database answered with ${one.bytes} and ${thousand.bytes} bytes`)
    // The only one of its pool, and the one that listens.
    expect(thousand.connections).toBe(2)
    // The outbox is swept once a second, whoever is connected, so a run of another length has another number of sweeps. One query for
    // each client would be 1,000 times 100 bytes, one for each client and event 50 times that.
    expect(thousand.bytes).toBeLessThan(one.bytes + 10_000)
    expect(deployment.reported).toEqual([])
  })
})

/** Has a process with so many clients publish, each event on its own, and counts what the database answers from before they connect. */
async function measure(deployment: Deployment, proxy: TcpProxy, size: number) {
  const url = new URL(deployment.url)
  url.port = String(proxy.port)
  await using trunkline = deployment.open({ url: url.href, poolSize: 1 })
  await trunkline.publishGlobal({ type: 'first' })
  await trunkline.start()
  const identify = (req: IncomingMessage): string | null => req.headers['x-user']?.toString() ?? null
  await using server = await startWebServer(nodeAdapter(trunkline, { identify }))
  const bytesBefore = proxy.replyBytes

  using crowd = new Crowd(`${server.origin}/realtime/sse?channel=a&channel=b`, size)
  await eventually(`${size} streams`, () => crowd.arrivals.length === size, 20_000)
  let connections = 0
  for (let number = 0; number < events; number++) {
    // To everyone in one way or the other.
    if (number % 2 === 0) await trunkline.publishGlobal({ type: 'news' })
    else await trunkline.publishToChannel({ channel: 'b', type: 'news' })
    await eventually('everyone to have it', () => crowd.arrivals.length === size * (number + 2))
    connections = Math.max(connections, await connectionsOf(deployment))
    await pause(20)
  }
  const bytes = proxy.replyBytes - bytesBefore
  expect(crowd.countOf('"type":"news"')).toBe(size * events)
  return { bytes, connections }
}

/** Those of trunklines: a database that vacuums itself has its own. */
async function connectionsOf({ sql, schema }: Deployment): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from pg_stat_activity where datname = ${schema} and application_name like 'trunkline%'`
  return row.count
}
