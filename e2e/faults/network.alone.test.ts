import { TrunklineError } from '@trunkline/core'

import { createBackend } from '../../packages/postgres/src/postgres.ts'
import { eventually } from '../support/eventually.ts'
import { ms } from '../support/numbers.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { type Fault, faultSuite } from './support/run.ts'
import { databaseProxy, through } from './support/through.ts'

const halfOpen: Fault = {
  name: 'LISTEN half open, twice: bytes are lost both ways, the socket stays',
  async strike({ use, begin }) {
    const proxy = use(await databaseProxy())
    const { deployment, untilListeningAgain, goesOn } = await begin({
      serving: ({ url, schema }) =>
        // The limits of an application are 15 s until a silent connection is probed, and 4 s for the answer.
        createBackend(
          { url, schema, listenUrl: through(proxy.port, url) },
          { probeAfterMs: 200, probeAnswerMs: 300, connectMs: 500 },
        ),
    })
    const tookMs: number[] = []
    for (let times = 1; times <= 2; times++) {
      const began = performance.now()
      await untilListeningAgain(async () => {
        proxy.swallow(true)
        await eventually('both processes to find it out', () => deafs(deployment.reported) === 2 * times)
        proxy.swallow(false)
      })
      tookMs.push(performance.now() - began)
      await goesOn()
    }
    return { note: `found by the probe and replaced within ${ms(Math.max(...tookMs))}`, slowestMs: 5_000 }
  },
}

const databaseSplit: Fault = {
  name: 'replies of the database come byte by byte',
  async strike({ use, begin }) {
    const proxy = use(await databaseProxy())
    const { goesOn } = await begin({ reach: (url) => ({ url: through(proxy.port, url) }), pauseMs: 80 })
    const before = proxy.replyBytes
    proxy.splitAtEveryByte(true)
    await goesOn(10)
    return { note: `${Math.round((proxy.replyBytes - before) / 1_000)} kB in packets of one byte` }
  },
}

const repliesLost: Fault = {
  name: 'replies of the database are lost with their connections, 40 times',
  async strike({ random, use, begin }) {
    const proxy = use(await databaseProxy())
    const { accounts } = await begin({ reach: (url) => ({ url: through(proxy.port, url) }) })
    let lost = 0
    proxy.dropReplies(1, () => {
      const isLost = random.chance(0.1)
      if (isLost) lost++
      return isLost ? 0 : 1
    })
    await eventually('40 lost replies', () => lost >= 40, 20_000)
    proxy.dropReplies(0)
    return { note: `${lost} replies, ${accounts.failures.length} publishes failed` }
  },
}

const streamsSplit: Fault = {
  name: 'streams come byte by byte, to our client as well',
  async strike({ use, begin }) {
    const { origins, sites, ourClient, goesOn } = await begin({ pauseMs: 120 })
    const before = ourClient.network.replyBytes
    const proxies = await Promise.all(sites.map(({ port }) => startProxy({ target: { port } })))
    for (const proxy of proxies) use(proxy)
    for (const proxy of [...proxies, ourClient.network]) proxy.splitAtEveryByte(true)
    origins.splice(0, origins.length, ...proxies.map(({ port }) => `http://127.0.0.1:${port}`))
    for (const site of sites) site.cutAll()
    await goesOn(10)
    const bytes = [...proxies, ourClient.network].reduce((sum, { replyBytes }) => sum + replyBytes, -before)
    return { note: `${Math.round(bytes / 1_000)} kB in packets of one byte` }
  },
}

faultSuite('faults of the network', [halfOpen, repliesLost, databaseSplit, streamsSplit])

function deafs(reported: readonly { readonly error: unknown }[]): number {
  return reported.filter(({ error }) => error instanceof TrunklineError && error.code === 'listen_deaf').length
}
