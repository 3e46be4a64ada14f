import { alternate } from '../src/alternate.ts'
import { cpuPerDelivery } from '../src/fan-out.ts'
import { hasNchan } from '../src/nchan.ts'
import type { Row } from '../src/row.ts'
import { ratios } from '../src/statistics.ts'
import { cpuOf } from '../src/units.ts'

export const row: Row = {
  name: 'bursts',
  title: 'Events that come together',
  question: 'What does a delivery cost when events come ten at a time?',
  method:
    '1,000 streams, ten events published together, the next ten when these have come to everybody. nginx with nchan gets its ten as ten requests at once; its figure is that of its worker process.',
  quick: true,
  async measure({ isQuick, progress }) {
    const single = isQuick ? { connections: 200, rounds: 150 } : { connections: 1_000, rounds: 300 }
    const bursts = { ...single, rounds: single.rounds / 3, together: 10 }
    const nchan = !isQuick && hasNchan()
    const runs = await alternate<string>(
      {
        'node:http, one at a time': () => cpuPerDelivery('node-http', single),
        'node:http, by ten': () => cpuPerDelivery('node-http', bursts),
        'Trunkline, by ten': () => cpuPerDelivery('trunkline-node', bursts),
        ...(nchan
          ? {
              'nchan, by ten': () => cpuPerDelivery('nchan', bursts),
              'nchan, one at a time': () => cpuPerDelivery('nchan', single),
            }
          : {}),
      },
      isQuick ? 2 : 5,
      progress,
    )
    const ours = runs['Trunkline, by ten'] ?? []
    return {
      measurements: cpuOf('CPU per delivery', runs),
      claims: [
        {
          what: 'bursts against single events of bare node:http',
          values: ratios(ours, runs['node:http, one at a time'] ?? []),
          atMost: 0.15,
          quick: 0.6,
        },
        ...(nchan
          ? [{ what: 'bursts against bursts of nchan', values: ratios(ours, runs['nchan, by ten'] ?? []), atMost: 1 }]
          : []),
      ],
      notes: nchan || isQuick ? [] : ['nginx with libnginx-mod-nchan is not installed on this machine: measured without it.'],
    }
  },
}
