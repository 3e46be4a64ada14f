import type { Activity, Archive } from '@trunkline/core'

import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { LogUnderTest } from './log-under-test.ts'

type Tracking = Required<Pick<Archive, 'track' | 'activities'>>

/** What has become of events, of stores that keep it; others have nothing to try. */
export const trackCases: readonly CaseDefinition<LogUnderTest>[] = [
  {
    name: 'activities are kept, once per event, user and status',
    must: 'track MUST keep the first of each event, user and status, and activities MUST give them by time.',
    async run(log) {
      const tracking = trackingOf(log)
      if (tracking === null) return
      const [event, other] = await log.fill(2)
      const [id = '', otherId = ''] = [event?.id, other?.id]
      const rows: Activity[] = [
        { id, userId: null, status: 'dispatched', at: '2026-01-01T00:00:00.001Z' },
        { id, userId: '7', status: 'sent', at: '2026-01-01T00:00:00.002Z' },
        { id, userId: null, status: 'sent', at: '2026-01-01T00:00:00.003Z' },
        { id: otherId, userId: '7', status: 'sent', at: '2026-01-01T00:00:00.004Z' },
        { id, userId: '7', status: 'read', at: '2026-01-01T00:00:00.005Z' },
      ]
      await tracking.track(rows)
      await tracking.track([{ id, userId: '7', status: 'sent', at: '2026-01-02T00:00:00.000Z' }])
      const wanted = rows.filter((row) => row.id === id)
      same('activities', await tracking.activities(id), wanted)
      same('activities of another event', (await tracking.activities(otherId)).length, 1)
    },
  },
  {
    name: 'activities go forward only',
    must: 'track MUST pass over an activity below one that the same user has for the event.',
    async run(log) {
      const tracking = trackingOf(log)
      if (tracking === null) return
      const [event] = await log.fill(1)
      const id = event?.id ?? ''
      await tracking.track([{ id, userId: '7', status: 'read', at: '2026-01-01T00:00:00.001Z' }])
      await tracking.track([
        { id, userId: '7', status: 'delivered', at: '2026-01-01T00:00:00.002Z' },
        { id, userId: '8', status: 'delivered', at: '2026-01-01T00:00:00.003Z' },
      ])
      const found = (await tracking.activities(id)).map(({ userId, status }) => `${userId} ${status}`)
      same('activities', found, ['7 read', '8 delivered'])
    },
  },
  {
    name: 'activities of events that are not there are passed over',
    must: 'track MUST pass over events it does not have, and activities MUST go with their event.',
    async run(log) {
      const tracking = trackingOf(log)
      if (tracking === null) return
      const at = '2026-01-01T00:00:00.001Z'
      const [pruned, kept] = await log.fill(2)
      await tracking.track(
        [pruned?.id ?? '', 'no such id', kept?.id ?? ''].map((id) => ({ id, userId: null, status: 'sent', at })),
      )
      await log.store.prune({ keep: 1, limit: 10 })
      same('activities of no event', await tracking.activities('no such id'), [])
      same('activities of a pruned event', await tracking.activities(pruned?.id ?? ''), [])
      same('activities', await tracking.activities(kept?.id ?? ''), [{ id: kept?.id, userId: null, status: 'sent', at }])
    },
  },
]

function trackingOf({ archive }: LogUnderTest): Tracking | null {
  if (archive === null) return null
  const { track, activities } = archive
  check((track === undefined) === (activities === undefined), 'archive: a store with one of track and activities has the other.')
  return track === undefined || activities === undefined
    ? null
    : { track: (rows) => track.call(archive, rows), activities: (id) => activities.call(archive, id) }
}
