import { alternate } from '../src/alternate.ts'
import { cpuPerDelivery } from '../src/fan-out.ts'
import type { Row } from '../src/row.ts'
import { ratios } from '../src/statistics.ts'
import { cpuOf } from '../src/units.ts'

export const row: Row = {
  name: 'hooks',
  title: 'What hooks cost',
  question: 'What does a delivery cost with onReceive and beforeSend, which let everything pass?',
  method:
    '1,000 streams, one event at a time. beforeSend runs for each client on a copy of its own, and what it gives back is encoded for it.',
  async measure({ isQuick, progress }) {
    const options = isQuick ? { connections: 200, rounds: 100 } : { connections: 1_000, rounds: 200 }
    const runs = await alternate(
      {
        'without hooks': () => cpuPerDelivery('trunkline-node', options),
        'with both hooks': () => cpuPerDelivery('trunkline-node', { ...options, env: { BENCH_HOOKS: 'on' } }),
      },
      isQuick ? 1 : 3,
      progress,
    )
    return {
      measurements: cpuOf('CPU per delivery', runs),
      // No target: a hook is the application's own work. So that one knows.
      claims: [{ what: 'with both hooks against without', values: ratios(runs['with both hooks'], runs['without hooks']) }],
    }
  },
}
