import { createServer, get } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { nodeAdapter } from '@trunkline/adapter-node-http'
import { describe, expect, inject, test } from 'vitest'

import { createDeployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { expectDelivered, hasArrived, startFlow } from './support/flow.ts'
import { testRandom } from './support/random.ts'
import { RestlessClient } from './support/restless-client.ts'
import { StreamClient } from './support/stream-client.ts'

const databaseUrl = inject('databaseUrl')

describe('the pool', () => {
  test('killed again and again under publishes and resumes: every publish ends, what was acknowledged arrives, the process lives on', async () => {
    const random = testRandom()
    await using deployment = await createDeployment(databaseUrl, { database: true })
    const trunkline = deployment.open()
    const cursor = await trunkline.cursor()
    await using live = await StreamClient.open(trunkline, { cursor })
    // Another process keeps nothing in memory of what came before it: who resumes there reads the database.
    await using restless = new RestlessClient([trunkline, deployment.open()], random, cursor)
    await using flow = startFlow(trunkline, { callers: 8, transactionCallers: 2, url: deployment.url, pauseMs: 1 })

    let killed = 0
    while (killed < 100) {
      killed += await deployment.killBackends('trunkline')
      const seen = flow.acknowledged.length
      await eventually('more publishes', () => flow.acknowledged.length >= seen + 20)
    }
    await flow.stop()

    await live.until('all that was acknowledged', () => hasArrived(live.events, flow))
    await eventually('the restless client to have come as far', () => restless.count >= live.events.length)
    expectDelivered(live.events, flow)
    expect(restless.events).toEqual(live.events)
    expect([...live.resets, ...restless.resets]).toEqual([])
    console.log(`${killed} connections killed: ${flow.acknowledged.length} publishes acknowledged, ${flow.failed.length} failed`)
  })

  test('500 connected clients, who come, resume and get events, cost no more than the pool and one connection', async () => {
    await using deployment = await createDeployment(databaseUrl, { database: true })
    const trunkline = deployment.open({ poolSize: 3 })
    const first = await trunkline.publishGlobal({ type: 'first' })
    // Before anyone is connected: it is in the database alone.
    await trunkline.publishMany(Array.from({ length: 10 }, () => ({ scope: 'global', type: 'missed' }) as const))
    await using server = await serve(
      nodeAdapter(trunkline, { identify: (req) => new URL(req.url ?? '', 'http://x').searchParams.get('user') }),
    )
    const counts: number[] = []
    const counting = setInterval(() => void deployment.connections().then((count) => counts.push(count)), 20)

    const clients = Array.from({ length: 500 }, (_, n) => {
      // Every other one has missed something, each as a user of its own: no read serves two.
      const resume = n % 2 === 0 ? `&since=${first.cursor}` : ''
      return openStream(`${server.url}/sse?user=${n}${resume}`)
    })
    await eventually('500 streams', () => trunkline.stats().connections === 500, 20_000)
    await Promise.all(Array.from({ length: 50 }, (_, n) => trunkline.publishGlobal({ type: 'event', detail: n })))
    await eventually('everyone to have all events', () => clients.every(({ count }) => count('"type":"event"') === 50), 20_000)
    clearInterval(counting)
    for (const { close } of clients) close()
    await eventually('all streams to end', () => trunkline.stats().connections === 0)

    expect(clients.filter(({ count }) => count('"type":"missed"') === 10)).toHaveLength(250)
    expect(trunkline.stats().counters.catchUpReads).toBeGreaterThanOrEqual(250)
    expect(counts.length).toBeGreaterThan(3)
    expect(Math.max(...counts)).toBeLessThanOrEqual(3 + 1)
    expect(deployment.reported).toEqual([])
  })
})

async function serve(handler: ReturnType<typeof nodeAdapter>) {
  const server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // not a pipe
  return {
    url: `http://127.0.0.1:${port}/realtime`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A stream of which only the text matters. */
function openStream(url: string) {
  let text = ''
  const request = get(url, { agent: false }, (response) => {
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    // Closing ends it early, which is meant.
    response.on('error', () => {})
  })
  request.on('error', () => {})
  return { count: (part: string) => text.split(part).length - 1, close: () => request.destroy() }
}
