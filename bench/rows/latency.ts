import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { nodeAdapter } from '@trunkline/adapter-node-http'
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
  question: 'At low load: how long from publish() until a client has the event?',
  method:
    '100 events a second, sent at their own moments whatever has come of those before, and read over HTTP. Once published and delivered by one process, as an application on one server does; once delivered by a second process, which hears of it through LISTEN. Against both one INSERT and NOTIFY in one statement, heard by a LISTEN of postgres.js in the process that sent it: no second process, no log, and no HTTP.',
  async measure({ isQuick, progress, database }) {
    const url = await database()
    await using stack = new AsyncDisposableStack()
    const trunkline = createTrunkline({ ...postgres({ url, migrate: true }) })
    stack.defer(() => trunkline.stop())
    await trunkline.start()
    const here = createServer(nodeAdapter(trunkline, { identify: () => null })).listen(0, '127.0.0.1')
    stack.defer(() => {
      here.close()
      here.closeAllConnections()
    })
    await once(here, 'listening')
    const there = stack.use(await startPeer('trunkline-node', { DATABASE_URL: url }))
    const arrivals = { bare: new Arrivals(), here: new Arrivals(), there: new Arrivals() }
    stack.use(await followStream((here.address() as AddressInfo).port, arrivals.here.came))
    stack.use(await followStream(await there.methods.port(), arrivals.there.came))
    const sql = postgresJs(url, { max: 4, onnotice: () => {} })
    stack.defer(() => sql.end())
    await sql`create table bare (id bigint generated always as identity primary key, n bigint not null, detail json not null)`
    await sql.listen('bare', (payload) => arrivals.bare.came(Number(payload)))
    let events = 0

    const at = (place: 'here' | 'there') => async (): Promise<void> => {
      const n = ++events
      const arrived = arrivals[place].of(n)
      await trunkline.publishGlobal({ type: 'measured', detail: detailOf(n) })
      await arrived
    }
    const bare = async (): Promise<void> => {
      const n = ++events
      const arrived = arrivals.bare.of(n)
      await sql`with written as (insert into bare (n, detail) values (${n}, ${JSON.stringify(detailOf(n))}::text::json) returning n)
        select pg_notify('bare', n::text) from written`
      await arrived
    }

    const calls = isQuick ? 200 : load.calls
    const sides = { 'INSERT and NOTIFY': bare, 'Trunkline, one process': at('here'), 'Trunkline, two processes': at('there') }
    const names = Object.keys(sides) as (keyof typeof sides)[]
    const runs = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<keyof typeof sides, Latency[]>
    for (const name of names) await latencyOf(sides[name], { ...load, calls: 100 })
    for (let run = 0; run < (isQuick ? 1 : 5); run++) {
      progress(`run ${run + 1}`)
      for (const name of names) runs[name].push(await latencyOf(sides[name], { ...load, calls }))
    }
    const of = (side: keyof typeof sides, which: keyof Latency) => runs[side].map((latency) => latency[which])
    const against = (side: keyof typeof sides, which: keyof Latency) => ratios(of(side, which), of('INSERT and NOTIFY', which))
    return {
      measurements: (['p50', 'p99', 'max'] as const).flatMap((which) =>
        measurementsOf(which, 'ms', Object.fromEntries(names.map((name) => [name, of(name, which)]))),
      ),
      claims: [
        { what: 'p50 against bare, one process', values: against('Trunkline, one process', 'p50'), atMost: 1.5 },
        { what: 'p99 against bare, one process', values: against('Trunkline, one process', 'p99'), atMost: 2 },
        { what: 'p50 against bare, two processes', values: against('Trunkline, two processes', 'p50'), atMost: 1.5 },
        { what: 'p99 against bare, two processes', values: against('Trunkline, two processes', 'p99'), atMost: 2 },
      ],
    }
  },
}
