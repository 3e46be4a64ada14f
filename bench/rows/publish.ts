import { createTrunkline } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'
import postgresJs from 'postgres'

import { alternate } from '../src/alternate.ts'
import { detailOf } from '../src/event.ts'
import type { Row } from '../src/row.ts'
import { ratios } from '../src/statistics.ts'
import { measurementsOf } from '../src/units.ts'

const callers = 64
const perCall = 1_000

export const row: Row = {
  name: 'publish',
  title: 'Publishing',
  question: 'How many events a second can one process store, when each caller waits until its own event is durable?',
  method:
    '64 callers, each of which publishes its next event when the last one is stored; PostgreSQL with fsync on. Against them the same 64 callers with one INSERT and NOTIFY per event on 64 connections of postgres.js. publishMany stores 1,000 events per call, and four callers call it. The process listens as well, as one that has clients does.',
  quick: true,
  async measure({ isQuick, progress, database }) {
    const seconds = isQuick ? 1.5 : 5
    // What --quick asks for must not depend on what else the disk has to do.
    const url = await database(isQuick ? { fsync: 'off' } : {})
    await using stack = new AsyncDisposableStack()
    const trunkline = createTrunkline({ ...postgres({ url, migrate: true }) })
    stack.defer(() => trunkline.stop())
    await trunkline.start()
    const sql = postgresJs(url, { max: callers, onnotice: () => {} })
    stack.defer(() => sql.end())
    await sql`create table bare (id bigint generated always as identity primary key, type text not null, detail json not null, created_at timestamptz not null default now())`
    let events = 0

    const runs = await alternate(
      {
        'one statement per event': () =>
          perSecond(seconds, callers, async () => {
            const detail = JSON.stringify(detailOf(++events))
            // Its result cannot be left out: a CTE that only notifies is not run.
            await sql`with written as (insert into bare (type, detail) values ('measured', ${detail}::text::json) returning id, type, detail)
              select pg_notify('bare', json_build_object('id', id, 'type', type, 'detail', detail)::text) from written`
            return 1
          }),
        publish: () =>
          perSecond(seconds, callers, async () => {
            await trunkline.publishGlobal({ type: 'measured', detail: detailOf(++events) })
            return 1
          }),
        'publishMany, 1,000 at a time': () =>
          perSecond(seconds, 4, async () => {
            const items = Array.from(
              { length: perCall },
              () => ({ scope: 'global', type: 'measured', detail: detailOf(++events) }) as const,
            )
            await trunkline.publishMany(items)
            return perCall
          }),
      },
      isQuick ? 2 : 3,
      progress,
    )
    const { publish } = runs
    return {
      measurements: measurementsOf('stored', 'events/s', runs),
      claims: [
        {
          what: 'publish against one statement per event',
          values: ratios(publish, runs['one statement per event']),
          atLeast: 15,
          quick: 1,
        },
        { what: 'publish', unit: 'events/s', values: publish, atLeast: 20_000 },
        { what: 'publishMany', unit: 'events/s', values: runs['publishMany, 1,000 at a time'], atLeast: 100_000 },
      ],
    }
  },
}

/** How much is done in a second: callers that go on until the time is over. */
async function perSecond(seconds: number, count: number, work: () => Promise<number>): Promise<number> {
  const began = performance.now()
  let done = 0
  const call = async (): Promise<void> => {
    while (performance.now() - began < seconds * 1_000) {
      const more = await work()
      done += more
    }
  }
  await Promise.all(Array.from({ length: count }, call))
  return (done * 1_000) / (performance.now() - began)
}
