// How fast is each list, filter and count of the archive on a log of 2 million events, and what do the indexes for it cost publishers?
//   pnpm search-speed                 # some three minutes
//   pnpm search-speed --plans         also what PostgreSQL says it did, for each search
//   pnpm search-speed --searches      only the searches; --inserts: only what the indexes cost
// On an embedded PostgreSQL with shared_buffers of 512 MB, or on the one of DATABASE_URL, in a schema of its own. Ends with 1 when a search
// takes 100 ms or longer: the median of nine, after three to warm up.
import { parseArgs } from 'node:util'

import { postgres } from '@trunkline/postgres'
import connectTo from 'postgres'

import { startPostgres } from '../../../scripts/embedded-postgres.ts'
import { searches } from './search-speed/searches.ts'
import { Recorder } from './search-speed/recorder.ts'
import { eventCount, fill } from './search-speed/fill.ts'
import { measureInserts } from './search-speed/inserts.ts'
import { measure } from './search-speed/measure.ts'
import { measureReplay } from './search-speed/replay.ts'

const limitMs = 100
const flag = { type: 'boolean', default: false } as const
const { values: wanted } = parseArgs({ options: { plans: flag, searches: flag, inserts: flag } })
const given = process.env['DATABASE_URL']
await using server = given === undefined ? await startPostgres({ settings: { shared_buffers: '512MB' } }) : null
const url = given ?? server?.url ?? ''
const schema = `search_speed_${crypto.randomUUID().slice(0, 8)}`
const sql = connectTo(url, { max: 1, onnotice: () => {} })
const recorder = new Recorder(url)

try {
  await postgres({ url, schema }).migrate()
  if (!wanted.searches) console.log(await measureInserts(url, schema, sql))
  if (!wanted.inserts) {
    const began = performance.now()
    await fill(sql, schema)
    console.log(`\n${eventCount.toLocaleString('en')} events in ${Math.round((performance.now() - began) / 1_000)} s\n`)
    // Through an instance of ours, so that what was sent can be explained.
    const { store } = postgres({ sql: recorder.sql, listenUrl: url, schema })
    for (const { name, run } of searches(store.archive)) {
      const { medianMs, maxMs, found } = await measure(run)
      const isSlow = medianMs >= limitMs
      if (isSlow) process.exitCode = 1
      const times = `${medianMs.toFixed(1).padStart(6)} ms, at most ${maxMs.toFixed(1).padStart(6)}`
      console.log(`${isSlow ? 'SLOW' : 'ok  '} ${times} ${found.padStart(8)}  ${name}`)
      if (wanted.plans || isSlow) console.log(await recorder.explain(run))
    }
    console.log(await measureReplay(url, schema))
  }
} finally {
  await sql.unsafe(`drop schema if exists "${schema}" cascade`)
  await Promise.all([sql.end(), recorder.sql.end()])
}
