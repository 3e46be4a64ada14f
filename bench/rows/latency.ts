import { createTrunkline } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'
import postgresJs from 'postgres'

import { detailOf } from '../src/event.ts'
import { type Latency, latencyOf } from '../src/latency.ts'
import { startPeer } from '../src/peers.ts'
import type { Row } from '../src/row.ts'
import { ratios } from '../src/statistics.ts'
import { Arrivals, followStream } from '../src/stream.ts'
import { measurementsOf } from '../src/units.ts'

const load = { perSecond: 100, calls: 1_000 }

export const row: Row = {
  name: 'latency',
  title: 'From publish to the client',
  question: 'At low load: how long from publish() until a client of another process has the event?',
  method:
    '100 events a second, sent at their own moments whatever has come of those before. Published in one process, delivered by a second, read over HTTP in the first. Against it one INSERT and NOTIFY in one statement, heard by a LISTEN of postgres.js in the process that sent it: no second process, and no HTTP.',
  async measure({ isQuick, progress, database }) {
    const url = await database()
    await using stack = new AsyncDisposableStack()
    const trunkline = createTrunkline({ ...postgres({ url, migrate: true }) })
    stack.defer(() => trunkline.stop())
    await trunkline.start()
    const server = stack.use(await startPeer('trunkline-node', { DATABASE_URL: url }))
    const arrivals = new Arrivals()
    stack.use(await followStream(await server.methods.port(), arrivals.came))
    const sql = postgresJs(url, { max: 4, onnotice: () => {} })
    stack.defer(() => sql.end())
    await sql`create table bare (id bigint generated always as identity primary key, n bigint not null, detail json not null)`
    await sql.listen('bare', (payload) => arrivals.came(Number(payload)))
    let events = 0

    const ours = async (): Promise<void> => {
      const n = ++events
      const arrived = arrivals.of(n)
      await trunkline.publishGlobal({ type: 'measured', detail: detailOf(n) })
      await arrived
    }
    const bare = async (): Promise<void> => {
      const n = ++events
      const arrived = arrivals.of(n)
      await sql`with written as (insert into bare (n, detail) values (${n}, ${JSON.stringify(detailOf(n))}::text::json) returning n)
        select pg_notify('bare', n::text) from written`
      await arrived
    }

    const runs = { ours: [] as Latency[], bare: [] as Latency[] }
    const calls = isQuick ? 200 : load.calls
    await latencyOf(bare, { ...load, calls: 100 })
    await latencyOf(ours, { ...load, calls: 100 })
    for (let run = 0; run < (isQuick ? 1 : 5); run++) {
      progress(`run ${run + 1}`)
      runs.bare.push(await latencyOf(bare, { ...load, calls }))
      runs.ours.push(await latencyOf(ours, { ...load, calls }))
    }
    const of = (side: readonly Latency[], which: keyof Latency): readonly number[] => side.map((latency) => latency[which])
    return {
      measurements: (['p50', 'p99', 'max'] as const).flatMap((which) =>
        measurementsOf(which, 'ms', { 'INSERT and NOTIFY': of(runs.bare, which), Trunkline: of(runs.ours, which) }),
      ),
      claims: [
        { what: 'p50 against bare', values: ratios(of(runs.ours, 'p50'), of(runs.bare, 'p50')), atMost: 1.5 },
        { what: 'p99 against bare', values: ratios(of(runs.ours, 'p99'), of(runs.bare, 'p99')), atMost: 2 },
      ],
    }
  },
}
