import { alternate } from '../src/alternate.ts'
import { openSite, type Peer } from '../src/peers.ts'
import type { Row } from '../src/row.ts'
import { measurementsOf } from '../src/units.ts'

const kilobyte = 1_024

export const row: Row = {
  name: 'memory',
  title: 'A connection that waits',
  question: 'How much memory does a stream take on which nothing happens?',
  method:
    '5,000 streams. Resident memory of the server process after a collection, with them and before them, divided by their number. A first 500 are opened and closed beforehand, so that what is made once is not counted.',
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
  await using site = await openSite(peer, { size: 500 })
  const { server, crowd } = site
  await server.methods.publish({ count: 1 })
  await crowd.methods.close()
  const before = await server.methods.usage()
  await crowd.methods.open({ port: await server.methods.port(), path: '/sse?user=user-{n}', size: connections })
  const after = await server.methods.usage()
  return (after.rssBytes - before.rssBytes) / connections / kilobyte
}
