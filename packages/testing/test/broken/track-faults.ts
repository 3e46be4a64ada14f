import type { Activity, Archive } from '@trunkline/core'

import { OnPurpose, type StoreFault, type StoreFaults } from './broken-store.ts'

type Tracking = Required<Pick<Archive, 'track' | 'activities'>>

/** Faults of keeping what has become of events. */
export const trackFaults: StoreFaults = {
  'activities are kept, once per event, user and status': {
    'keeps the last': onTracking(() => {
      const kept = new Map<string, Activity>()
      return {
        track: async (rows) => rows.forEach((row) => kept.set(`${row.id} ${row.userId} ${row.status}`, row)),
        activities: async (id) => [...kept.values()].filter((row) => row.id === id).toSorted((a, b) => a.at.localeCompare(b.at)),
      }
    }),
    'gives the newest first': onTracking(({ track, activities }) => ({
      track,
      activities: async (id) => (await activities(id)).toReversed(),
    })),
    'takes everyone for one': onTracking(({ track, activities }) => ({
      track: (rows) => track(rows.map((row) => ({ ...row, userId: null }))),
      activities,
    })),
    'can keep and not give': (honest) => ({
      archive: { ...baseOf(honest.archive), track: async () => {} },
    }),
  },
  'activities go forward only': {
    'goes back': onTracking(() => {
      const kept: Activity[] = []
      return {
        track: async (rows) => void kept.push(...rows),
        activities: async (id) => kept.filter((row) => row.id === id),
      }
    }),
    'takes all users for one': onTracking(({ track, activities }) => {
      let furthest = ''
      return {
        async track(rows) {
          const forward = rows.filter(({ status }) => furthest !== 'read' || status === 'read')
          furthest = rows.at(-1)?.status ?? ''
          await track(forward)
        },
        activities,
      }
    }),
  },
  'activities of events that are not there are passed over': {
    'refuses them': onTracking(({ track, activities }) => ({
      track: (rows) =>
        rows.some(({ id }) => id === 'no such id') ? Promise.reject(new OnPurpose('no such event')) : track(rows),
      activities,
    })),
    'keeps them': onTracking(() => {
      const kept: Activity[] = []
      return {
        track: async (rows) => void kept.push(...rows),
        activities: async (id) => kept.filter((row) => row.id === id),
      }
    }),
  },
}

function onTracking(change: (honest: Tracking) => Tracking): StoreFault {
  return ({ archive }) => {
    const base = baseOf(archive)
    const honest: Tracking = {
      track: (rows) => archive?.track?.(rows) ?? Promise.resolve(),
      activities: (id) => archive?.activities?.(id) ?? Promise.resolve([]),
    }
    return { archive: { ...base, ...change(honest) } }
  }
}

function baseOf(archive: Archive | undefined): Pick<Archive, 'get' | 'find'> {
  if (archive === undefined) throw new Error('memory() has an archive.')
  return { get: (id) => archive.get(id), find: (filter) => archive.find(filter) }
}
