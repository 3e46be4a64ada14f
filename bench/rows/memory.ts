import { alternate } from '../src/alternate.ts'
import { openSite, type Peer } from '../src/peers.ts'
import type { Row } from '../src/row.ts'
import { measurementsOf } from '../src/units.ts'

const kilobyte = 1_024
/** Streams that are open before the first look. */
const before = 3_000

export const row: Row = {
  name: 'memory',
  title: 'A connection that waits',
  question: 'How much memory does a stream take on which nothing happens?',
  method:
    'Resident memory of the server process after a collection that compacts its heap, with 8,000 streams less that with the first 3,000, divided by 5,000: what a process makes once is in both. A few events have gone to everybody before.',
  async measure({ isQuick, progress }) {
    const connections = isQuick ? 500 : 5_000
    const runs = await alternate(
      {
        'node:http': () => memoryPerConnection('node-http', connections),
        Trunkline: () => memoryPerConnection('trunkline-node', connections),
        'better-sse': () => memoryPerConnection('better-sse', connections),
        'Hono streamSSE': () => memoryPerConnection('hono-not-awaited', connections),
      },
      isQuick ? 1 : 3,
      progress,
    )
    const more = runs.Trunkline.map((value, run) => value - (runs['node:http'][run] ?? Number.NaN))
    return {
      measurements: measurementsOf('memory per connection', 'KB', runs),
      claims: [{ what: 'more than bare node:http', unit: 'KB', values: more, atMost: 4 }],
    }
  },
}

async function memoryPerConnection(peer: Peer, connections: number): Promise<number> {
  await using site = await openSite(peer, { size: before })
  const { server, crowd } = site
  for (let event = 1; event <= 20; event++) {
    const arrived = crowd.methods.until(event * before, 20_000)
    await Promise.all([server.methods.publish({ count: 1 }), arrived])
  }
  const { rssBytes } = await server.methods.usage()
  await crowd.methods.open({ port: await server.methods.port(), path: '/sse?user=user-{n}', size: connections })
  return ((await server.methods.usage()).rssBytes - rssBytes) / connections / kilobyte
}
