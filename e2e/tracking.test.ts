import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { nodeAdapter } from '@trunkline/adapter-node-http'
import { describe, expect, inject, test } from 'vitest'

import { createDeployment, type Process } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { StreamClient } from './support/stream-client.ts'

describe('tracking', () => {
  test('what two processes sent and what a client acknowledged over HTTP is kept with the event, and goes with it', async () => {
    await using deployment = await createDeployment(inject('databaseUrl'))
    const [one, other] = [deployment.open({}, { tracking: true }), deployment.open({}, { tracking: true })]
    await using ann = await StreamClient.open(one, { userId: 'ann' })
    await using ben = await StreamClient.open(other, { userId: 'ben' })
    const { id } = await one.publishGlobal({ type: 'news', detail: 1 })
    await Promise.all([ann, ben].map((client) => client.until('the event', () => client.events.length === 1)))
    await kept(one, id, ['null dispatched', 'ann sent', 'ben sent'])

    await using server = await serve(other)
    const answer = await fetch(`${server.url}/realtime/acknowledge?status=read&id=${id}`, { method: 'POST' })
    expect([answer.status, await answer.json()]).toEqual([200, { count: 1 }])
    await kept(one, id, ['null dispatched', 'ann sent', 'ben sent', 'ben read'])
    expect((await one.activities(id))?.status).toBe('read')

    const [{ before }] = await deployment.sql<[{ before: number }]>`
      select count(*)::int as before from ${deployment.sql(deployment.schema)}.activity`
    expect(before).toBe(4)
    await using pruning = deployment.open({}, { retention: { maxEvents: 1 } })
    await pruning.publishGlobal({ type: 'news', detail: 2 })
    await pruning.prune()
    expect(await one.activities(id)).toBeNull()
    const [{ after }] = await deployment.sql<[{ after: number }]>`
      select count(*)::int as after from ${deployment.sql(deployment.schema)}.activity where position <= 1`
    expect(after).toBe(0)
    expect(deployment.reported).toEqual([])
  })
})

/** Resolves when exactly these activities are kept, in whatever order they happened. */
async function kept(process: Process, id: string, wanted: readonly string[]): Promise<void> {
  await eventually(`${wanted.join(', ')} to be kept`, async () => {
    const { activities = [] } = (await process.activities(id)) ?? {}
    const found = activities.map(({ userId, status }) => `${userId} ${status}`)
    return found.toSorted().join() === wanted.toSorted().join()
  })
}

async function serve(trunkline: Process) {
  const server = createServer(nodeAdapter(trunkline, { identify: () => 'ben' })).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}
