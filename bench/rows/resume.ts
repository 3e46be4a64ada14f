import { alternate } from '../src/alternate.ts'
import { startCrowd, startPeer } from '../src/peers.ts'
import type { Bench, Row } from '../src/row.ts'
import { ratios } from '../src/statistics.ts'
import type { TrunklineMethods } from '../src/trunkline-server.ts'
import { measurementsOf } from '../src/units.ts'

/** Events that everybody has missed. */
const missed = 200
/** What the ring keeps, and a little more. */
const beyondRing = 9_000
/** Events in one read of the store. */
const pageSize = 500

export const row: Row = {
  name: 'resume',
  title: 'Everybody comes back at once',
  question: 'What do thousands of clients cost that resume from the same place at the same moment?',
  method:
    '5,000 clients connect at once with the same cursor, 200 events back: reads of the store are counted. Then 50 with a cursor 9,000 events back, more than the ring holds: reads against distinct pages. How fast events come is compared with node:http, which writes the same bytes to each client when it connects.',
  async measure(bench) {
    const { isQuick, progress } = bench
    const clients = isQuick ? 500 : 5_000
    let recentReads = 0
    let oldReads = 0
    const runs = await alternate(
      {
        'node:http, the same bytes': () => bareReplay(clients, missed),
        'Trunkline, 200 events back': async () => {
          const { rate, reads } = await replay(bench, clients, missed)
          recentReads = Math.max(recentReads, reads)
          return rate
        },
        'node:http, the same bytes, 9,000 events': () => bareReplay(50, beyondRing),
        'Trunkline, 9,000 events back': async () => {
          const { rate, reads } = await replay(bench, 50, beyondRing)
          oldReads = Math.max(oldReads, reads)
          return rate
        },
      },
      isQuick ? 1 : 3,
      progress,
    )
    const againstBare = ratios(runs['Trunkline, 200 events back'], runs['node:http, the same bytes'])
    const oldAgainstBare = ratios(runs['Trunkline, 9,000 events back'], runs['node:http, the same bytes, 9,000 events'])
    return {
      measurements: measurementsOf('replayed', 'events/s', runs),
      claims: [
        { what: 'store reads of all who resume from a recent cursor', values: [recentReads], atMost: 0 },
        {
          what: 'store reads for each distinct page beyond the ring',
          values: [oldReads / Math.ceil(beyondRing / pageSize)],
          atMost: 1,
        },
        { what: 'replay from the ring against bare writes', values: againstBare, atLeast: 0.5 },
        { what: 'replay from beyond the ring against bare writes', values: oldAgainstBare, atLeast: 0.5 },
      ],
    }
  },
}

async function replay({ database }: Bench, clients: number, events: number): Promise<{ rate: number; reads: number }> {
  await using server = await startPeer<TrunklineMethods>('trunkline-node', { DATABASE_URL: await database() })
  const { methods } = server
  await methods.publish({ count: 1 })
  const cursor = await methods.cursor()
  // In portions, as one flush takes no more than a thousand.
  for (let published = 0; published < events; published += 500)
    await methods.publish({ count: Math.min(500, events - published) })
  await methods.caughtUp()
  const rate = await come(await methods.port(), clients, events, `/sse?lastEventId=${cursor}`)
  return { rate, reads: (await methods.stats()).counters.catchUpReads }
}

async function bareReplay(clients: number, events: number): Promise<number> {
  await using server = await startPeer('node-http', { BENCH_REPLAY: String(events) })
  return await come(await server.methods.port(), clients, events, '/sse')
}

/** Events a second, over all clients, from the first connect to the last event. */
async function come(port: number, size: number, events: number, path: string): Promise<number> {
  await using crowd = await startCrowd()
  const began = performance.now()
  const opened = crowd.methods.open({ port, size, path })
  await Promise.all([opened, crowd.methods.until(size * events, 120_000)])
  const seconds = (performance.now() - began) / 1_000
  const { fewest, most } = await crowd.methods.tally()
  if (fewest !== events || most !== events) throw new Error(`Of ${events} events one client got ${fewest}, another ${most}.`)
  return (size * events) / seconds
}
