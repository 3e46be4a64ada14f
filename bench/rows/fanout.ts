import { alternate } from '../src/alternate.ts'
import { cpuPerDelivery } from '../src/fan-out.ts'
import type { Row } from '../src/row.ts'
import { ratios } from '../src/statistics.ts'
import { cpuOf } from '../src/units.ts'

const what = 'CPU per delivery'

export const row: Row = {
  name: 'fanout',
  title: 'One event to everybody',
  question: 'What does it cost the server to hand one global event to each of its clients?',
  method:
    '1,000 streams, details of 100 bytes, the next event when the one before has come to everybody. Processor time of the server process, divided by deliveries.',
  quick: true,
  async measure({ isQuick, progress }) {
    const options = isQuick ? { connections: 200, rounds: 150 } : { connections: 1_000, rounds: 300 }
    const side = (peer: Parameters<typeof cpuPerDelivery>[0]) => () => cpuPerDelivery(peer, options)
    const runs = await alternate(
      {
        'a socket, bare': side('raw-socket'),
        'node:http': side('node-http'),
        'Trunkline, nodeAdapter': side('trunkline-node'),
        'Trunkline, honoAdapter': side('trunkline-hono'),
        'Trunkline, fetchAdapter': side('trunkline-fetch'),
        'better-sse': side('better-sse'),
        'Hono streamSSE, awaited': side('hono-awaited'),
        'Hono streamSSE, not awaited': side('hono-not-awaited'),
      },
      isQuick ? 2 : 7,
      progress,
    )
    const node = runs['Trunkline, nodeAdapter']
    const hono = runs['Hono streamSSE, not awaited']
    const better = runs['better-sse']
    const awaited = runs['Hono streamSSE, awaited']
    return {
      measurements: cpuOf(what, runs),
      claims: [
        { what: 'nodeAdapter against bare node:http', values: ratios(node, runs['node:http']), atMost: 0.95, quick: 2 },
        { what: 'nodeAdapter against better-sse', values: ratios(node, better), atMost: 0.6, quick: 1.5 },
        { what: 'nodeAdapter against streamSSE, awaited', values: ratios(node, awaited), atMost: 0.25, quick: 0.8 },
        { what: 'nodeAdapter against streamSSE, not awaited', values: ratios(node, hono), atMost: 0.35, quick: 0.9 },
        {
          what: 'honoAdapter against nodeAdapter',
          values: ratios(runs['Trunkline, honoAdapter'], node),
          atMost: 1.15,
          quick: 2.5,
        },
        {
          what: 'fetchAdapter against streamSSE, not awaited',
          values: ratios(runs['Trunkline, fetchAdapter'], hono),
          atMost: 0.6,
          quick: 1.5,
        },
      ],
    }
  },
}
