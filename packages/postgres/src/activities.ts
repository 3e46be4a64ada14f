import type { Activity, Archive, Status } from '@trunkline/core'
import { sql } from 'kysely'

import type { Deployment } from './deployment.ts'

/** By rank: what stands later beats what stands earlier. */
const ranks: readonly Status[] = ['new', 'dispatched', 'sent', 'delivered', 'read', 'error']

/** What has become of events: kept and looked up. */
export function createActivities(deployment: Deployment): Required<Pick<Archive, 'track' | 'activities'>> {
  return {
    async track(activities) {
      const rows = activities.map(({ id, userId, status, at }) => ({ id, user: userId ?? '', rank: ranks.indexOf(status), at }))
      await deployment.query(sql`select ${deployment.name('track')}(${JSON.stringify(rows)}::text)`)
    },
    async activities(id) {
      const query = deployment.db
        .selectFrom('activities as a')
        .select([
          sql<string | null>`a.user_id`.as('userid'),
          sql<string>`a.rank::text`.as('rank'),
          sql<string>`to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`.as('at'),
        ])
        .where('a.id', '=', id)
        .orderBy('a.at')
        .orderBy('a.rank')
      const rows = await deployment.query(query.compile())
      return rows.map(({ userid, rank, at }) => ({ id, userId: userid, status: ranks[Number(rank)] as Activity['status'], at }))
    },
  }
}
