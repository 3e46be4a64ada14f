import { takeTurns } from '../src/fan-out.ts'
import type { Row } from '../src/row.ts'
import { ratios } from '../src/statistics.ts'
import { cpuOf } from '../src/units.ts'

const what = 'CPU per delivery'

const peers = {
  'a socket, bare': 'raw-socket',
  'node:http': 'node-http',
  'Trunkline, nodeAdapter': 'trunkline-node',
  'Trunkline, honoAdapter': 'trunkline-hono',
  'Trunkline, fetchAdapter': 'trunkline-fetch',
  'better-sse': 'better-sse',
  'Hono streamSSE, awaited': 'hono-awaited',
  'Hono streamSSE, not awaited': 'hono-not-awaited',
} as const

export const row: Row = {
  name: 'fanout',
  title: 'One event to everybody',
  question: 'What does it cost the server to hand one global event to each of its clients?',
  method:
    '1,000 streams, details of 100 bytes, the next event when the one before has come to everybody. Processor time of the server process, divided by deliveries. All servers are up at once and take turns of 30 events, so that what else the machine does falls upon all alike.',
  quick: true,
  async measure({ isQuick, progress }) {
    const options = isQuick ? { connections: 200, rounds: 150 } : { connections: 1_000, rounds: 360 }
    const runs = Object.fromEntries(Object.keys(peers).map((side) => [side, []])) as unknown as Record<
      keyof typeof peers,
      number[]
    >
    const count = isQuick ? 2 : 5
    for (let run = 1; run <= count; run++) {
      progress(`run ${run} of ${count}, all sides in turns`)
      const figures = await takeTurns(peers, options)
      for (const side of Object.keys(peers) as (keyof typeof peers)[]) runs[side].push(figures[side])
    }
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
