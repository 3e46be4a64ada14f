import { readFile } from 'node:fs/promises'

import type { Sql } from 'postgres'

/** What a process has run, in microseconds, to the nanosecond: the ticks of /proc/…/stat are too coarse for one statement. Linux only. */
export async function ranUs(pid: number): Promise<number> {
  const [ran = ''] = (await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ')
  return Number(ran) / 1_000
}

/** What the sessions of a database have run, in microseconds, by the names that they gave themselves. */
export async function sessionsRanUs(sql: Sql): Promise<ReadonlyMap<string, number>> {
  const sessions = await sql<{ pid: number; name: string }[]>`
    select pid, application_name as name from pg_stat_activity where datname = current_database()`
  const sums = new Map<string, number>()
  for (const { pid, name } of sessions) sums.set(name, (sums.get(name) ?? 0) + (await ranUs(pid)))
  return sums
}
