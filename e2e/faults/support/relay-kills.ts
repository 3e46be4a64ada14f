import connectTo from 'postgres'

import type { Deployment } from '../../support/deployment.ts'
import { eventually } from '../../support/eventually.ts'

/**
 * Kills backends that move events from the outbox into the log, when they hold the log's lock or while they wait for it; resolves with
 * how many. Locks the table meanwhile: whoever holds the log's lock is stopped in the middle, its deletes from the outbox done and the
 * events not yet written; the others wait behind it.
 */
export async function killRelays({ url, schema, sql }: Deployment, moment: 'holding' | 'waiting'): Promise<number> {
  const holder = connectTo(url, { max: 1, onnotice: () => {} })
  const waitsFor = moment === 'holding' ? 'relation' : 'advisory'
  let killed = 0
  try {
    await holder.unsafe(`begin; lock table ${schema}.log in share mode`)
    await eventually(`a relay ${moment} the lock`, async () => {
      const stuck = await sql<{ readonly pid: number; readonly isRelay: boolean }[]>`
        select pid, query ~ '"(settle|relay)"' as "isRelay" from pg_stat_activity
        where datname = ${schema} and wait_event_type = 'Lock' and wait_event = ${waitsFor}`
      for (const { pid, isRelay } of stuck) {
        // A plain append in the way of the relays goes as well, and is repeated by its publisher.
        if (!isRelay && moment === 'waiting') continue
        await sql`select pg_terminate_backend(${pid}, 1000)`
        if (isRelay) killed++
      }
      return killed > 0
    })
  } finally {
    await holder.unsafe('rollback')
    await holder.end()
  }
  return killed
}
