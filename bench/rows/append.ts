import { postgres } from '@trunkline/postgres'
import postgresJs from 'postgres'

import { alternate } from '../src/alternate.ts'
import { detailOf } from '../src/event.ts'
import { ranUs } from '../src/process-time.ts'
import type { Row } from '../src/row.ts'
import { measurementsOf } from '../src/units.ts'

const columns =
  'id text, type text, scope text, user_id text, channel text, entity_id text, body text, raw boolean, skip text, private text, key text'
const rows = `select e.id, e.type, e.scope, 'g', e.user_id, e.channel, e.entity_id, e.body, false, e.skip, now(), e.private, e.key from json_to_recordset($1::text::json) e (${columns})`
const insert = `(id, type, scope, audience, user_id, channel, entity_id, body, raw, skip, created_at, private, key) ${rows}`

/** Each takes the same events as one JSON text. What comes later contains what came before, more or less. */
const steps = {
  'a statement that does nothing': 'select octet_length($1::text)',
  'reads the JSON': `select count(e.body) from json_to_recordset($1::text::json) e (${columns})`,
  'and writes a table with one index': `insert into plain ${insert}`,
  'and writes a table with the indexes of the log': `insert into indexed ${insert}`,
  'INSERT and NOTIFY': `with written as (insert into plain ${insert} returning position) select pg_notify('bare', max(position)::text) from written`,
} as const

export const row: Row = {
  name: 'append',
  title: 'What storing is made of',
  question: 'Where does the time go that PostgreSQL takes for an event?',
  method:
    "Processor time of the server process of one session, which stores 1, 64 or 1,000 events per statement, divided by events. append() is what publish and publishMany call: it takes the log's lock, looks up where the log ends, writes, notes the batch against repetition, and notifies. Linux only.",
  async measure({ isQuick, progress, database }) {
    const url = await database({ fsync: 'on' })
    await using stack = new AsyncDisposableStack()
    const backend = postgres({ url })
    stack.defer(() => backend.store.close?.())
    await backend.migrate()
    const sql = postgresJs(url, { max: 1, onnotice: () => {} })
    stack.defer(() => sql.end())
    await sql`create table plain (like trunkline.log including defaults, primary key (position))`
    await sql`create table indexed (like trunkline.log including all)`
    const [session] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
    let calls = 0

    /** Microseconds for each event. */
    const measure = async (size: number, statement: (json: string) => PromiseLike<unknown>): Promise<number> => {
      const count = Math.max(20, Math.ceil((isQuick ? 2_000 : 20_000) / size / (size === 1 ? 10 : 1)))
      const batches = Array.from({ length: count }, () => batchOf(size))
      for (const json of batches.slice(0, 10)) await statement(json)
      const before = await ranUs(session?.pid ?? 0)
      for (const json of batches) await statement(json)
      return ((await ranUs(session?.pid ?? 0)) - before) / count / size
    }
    const measurements = []
    for (const size of [1, 64, 1_000]) {
      const sides = Object.entries(steps).map(([name, text]) => [
        name,
        () => measure(size, (json) => sql.unsafe(text, [json], { prepare: true })),
      ])
      const append = (json: string) =>
        sql`select trunkline.append('bench', ${String(++calls)}::text::bigint, ${json}::text, true)`
      const runs = await alternate<string>(
        { ...(Object.fromEntries(sides) as Record<string, () => Promise<number>>), 'append()': () => measure(size, append) },
        isQuick ? 1 : 3,
        (run) => progress(`${size} per statement, ${run}`),
      )
      measurements.push(...measurementsOf(`of PostgreSQL per event, ${size} per statement`, 'µs', runs))
    }
    return { measurements, claims: [] }
  },
}

let events = 0

function batchOf(size: number): string {
  return JSON.stringify(
    Array.from({ length: size }, () => ({
      id: idByTime(),
      type: 'measured',
      scope: 'global',
      body: JSON.stringify(detailOf(++events)),
    })),
  )
}

/** As Trunkline makes them: those of one time lie beside each other in an index. */
function idByTime(): string {
  const time = Date.now().toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`
}
