import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, inject, test } from 'vitest'

import { createDeployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { expectDelivered, type Flow, hasArrived, startFlow } from './support/flow.ts'
import { testRandom } from './support/random.ts'
import { RestlessClient } from './support/restless-client.ts'
import { StreamClient } from './support/stream-client.ts'
import { startProxy, type TcpProxy } from './support/tcp-proxy.ts'

const databaseUrl = inject('databaseUrl')

describe('lost replies', () => {
  test('2 % of the replies lost with their connections: nothing twice, nothing lost, in log order', async () => {
    const random = testRandom()
    let lost = 0
    await survive(random, async (proxy, flow) => {
      proxy.dropReplies(1, () => {
        const isLost = random.chance(0.02)
        if (isLost) lost++
        return isLost ? 0 : 1
      })
      await eventually('60 lost replies', () => lost >= 60, 25_000)
      proxy.dropReplies(0)
      console.log(`${lost} replies lost: ${flow.acknowledged.length} publishes acknowledged, ${flow.failed.length} failed`)
    })
  })

  test('replies swallowed, and connections left open that nobody answers on: nothing twice, nothing lost, in log order', async () => {
    await survive(testRandom(), async (proxy, flow) => {
      const answered = (): number => flow.acknowledged.filter(({ name }) => name.startsWith('p')).length
      for (let times = 0; times < 2; times++) {
        proxy.swallow(true)
        await pause(200)
        const before = answered()
        proxy.swallow(false)
        // Whose answer was swallowed waits for its time limit, and asks again on another connection.
        await eventually('publishes to be answered again', () => answered() >= before + 50, 15_000)
      }
      expect(Math.max(...flow.acknowledged.map(({ tookMs }) => tookMs))).toBeGreaterThan(1_000)
    })
  })
})

/** A flow through a network that is made to fail, read from both sides of it. */
async function survive(
  random: ReturnType<typeof testRandom>,
  fail: (proxy: TcpProxy, flow: Flow) => Promise<void>,
): Promise<void> {
  const { hostname: host, port } = new URL(databaseUrl)
  await using proxy = await startProxy({ target: { host, port: Number(port || 5432) } })
  await using deployment = await createDeployment(databaseUrl)
  const there = new URL(deployment.url)
  there.host = `127.0.0.1:${proxy.port}`
  const bystander = deployment.open()
  await bystander.start()
  const troubled = deployment.open({ url: there.href })
  await using witness = await StreamClient.open(bystander)
  await using live = await StreamClient.open(troubled, { cursor: witness.cursor })
  await using restless = new RestlessClient([troubled, bystander], random.fork(), witness.cursor)
  await using flow = startFlow(troubled, { callers: 8, transactionCallers: 2, url: deployment.url, pauseMs: 1 })
  await live.untilEvents(20)

  await fail(proxy, flow)
  await flow.stop()

  await witness.until('all that was acknowledged', () => hasArrived(witness.events, flow))
  await live.untilEvents(witness.events.length)
  await eventually('the restless client to have come as far', () => restless.count >= witness.events.length)
  expectDelivered(witness.events, flow)
  expect(live.events).toEqual(witness.events)
  expect(restless.events).toEqual(witness.events)
  expect([...live.resets, ...restless.resets]).toEqual([])
}
