import { memory, type PruneQuery, type Store } from '@trunkline/core'

import { onPages, type StoreFault, type StoreFaults } from './broken-store.ts'
import { pause } from '../../src/pause.ts'

/** Faults of deleting. */
export const pruneFaults: StoreFaults = {
  'prune by count keeps the newest events': {
    'keeps one more': onPrune(({ keep, ...query }) => ({ ...query, ...(keep === undefined ? {} : { keep: keep + 1 }) })),
    'counts what stays': (honest) => ({
      async prune(query) {
        const gone = await honest.prune(query)
        return gone === 0 ? 0 : gone + 1
      },
    }),
    'deletes the newest': (honest) => {
      const gone = new Set<string>()
      return {
        async prune(query) {
          const { events } = await everything(honest)
          const surplus = events.filter(({ id }) => !gone.has(id)).slice(query.keep ?? events.length)
          for (const { id } of surplus) gone.add(id)
          return surplus.length
        },
        async read(query) {
          const page = await honest.read(query)
          return { ...page, events: page.events.filter(({ id }) => !gone.has(id)) }
        },
      }
    },
  },
  'prune by age deletes what was created before': {
    'does not': onPrune(({ before, ...query }) =>
      before === undefined ? query : { ...query, keep: query.keep ?? Number.MAX_SAFE_INTEGER },
    ),
    'deletes what was created then, too': onPrune(({ before, ...query }) => ({
      ...query,
      ...(before === undefined ? {} : { before: new Date(Date.parse(before) + 1).toISOString() }),
    })),
    'deletes whatever the age': onPrune((query) => (query.before === undefined ? query : { ...query, keep: 0 })),
  },
  'prune deletes a prefix, whatever the clocks said': {
    'deletes all that is old': (honest) => {
      const gone = new Set<string>()
      return {
        async prune({ before = '' }) {
          const { events } = await everything(honest)
          const old = events.filter(({ id, createdAt }) => createdAt < before && !gone.has(id))
          for (const { id } of old) gone.add(id)
          return old.length
        },
        async read(query) {
          const page = await honest.read(query)
          return { ...page, events: page.events.filter(({ id }) => !gone.has(id)) }
        },
      }
    },
    'deletes up to the last that is old': (honest) => ({
      async prune({ before = '', limit }) {
        const { events } = await everything(honest)
        const last = events.findLastIndex(({ createdAt }) => createdAt < before)
        return honest.prune({ keep: events.length - 1 - last, limit })
      },
    }),
  },
  'prune deletes what either bound says': {
    'looks at the age alone when there is one': onPrune(({ keep, ...query }) =>
      query.before === undefined && keep !== undefined ? { ...query, keep } : query,
    ),
    'looks at the count alone when there is one': onPrune(({ before, ...query }) =>
      query.keep === undefined && before !== undefined ? { ...query, before } : query,
    ),
  },
  'prune deletes at most as many events as its limit': {
    'has no limit': onPrune((query) => ({ ...query, limit: 10_000 })),
    'deletes one less': onPrune((query) => ({ ...query, limit: query.limit - 1 })),
    'deletes one batch and no more': (honest) => {
      let done = false
      return {
        async prune(query) {
          if (done) return 0
          done = true
          return honest.prune(query)
        },
      }
    },
  },
  'prune deletes nothing while nothing is over': {
    'always deletes one': (honest) => ({
      prune: async (query) => (await honest.prune(query)) || honest.prune({ keep: 0, limit: 1 }),
    }),
    'says so all the same': (honest) => ({ prune: async (query) => (await honest.prune(query)) || 1 }),
  },
  'prune moves the floor to the last event that went': {
    'leaves it where it was': onPages((page) => ({ ...page, floor: 0 })),
    'moves it behind that event': onPages((page) => ({ ...page, floor: page.floor + 1 })),
    'counts the rest anew': onPages((page) => ({
      ...page,
      head: page.head - page.floor,
      events: page.events.map((event) => ({ ...event, position: event.position - page.floor })),
    })),
  },
  'a log that was pruned whole goes on where it was': {
    'has no head then': (honest) => ({
      async bounds() {
        const bounds = await honest.bounds()
        return bounds.head === bounds.floor ? { ...bounds, head: 0 } : bounds
      },
    }),
    'begins anew': (honest) => {
      let current = honest
      return {
        append: (...call) => current.append(...call),
        read: (query) => current.read(query),
        bounds: () => current.bounds(),
        async prune(query) {
          const gone = await current.prune(query)
          const { floor, head } = await current.bounds()
          if (floor === head) current = memory().store
          return gone
        },
      }
    },
    'gives its positions again': (honest) => ({
      async append(events, options) {
        const { floor, head } = await honest.bounds()
        const placed = await honest.append(events, options)
        return placed.map((place) => ({ ...place, position: (place.position ?? 0) - (floor === head ? floor : 0) }))
      },
    }),
  },
  'prune by several callers at once deletes no more than by one': {
    'looks first and deletes then': (honest) => ({
      async prune({ keep = 0, limit }) {
        const surplus = (await everything(honest)).events.length - keep
        await pause(1)
        return honest.prune({ keep: 0, limit: Math.max(0, Math.min(limit, surplus)) })
      },
    }),
    'counts what others deleted': (honest) => ({
      async prune(query) {
        const surplus = (await everything(honest)).events.length - (query.keep ?? 0)
        await pause(1)
        await honest.prune(query)
        return Math.max(0, Math.min(query.limit, surplus))
      },
    }),
  },
  'a reader is never shown a gap while the log is pruned': {
    'asks for the bounds first': (honest) => ({
      async read(query) {
        const bounds = await honest.bounds()
        await pause(1)
        return { ...(await honest.read(query)), ...bounds }
      },
    }),
    'moves the floor last': (honest) => {
      let floor = 0
      return {
        async prune(query) {
          const gone = await honest.prune(query)
          await pause(3)
          ;({ floor } = await honest.bounds())
          return gone
        },
        read: async (query) => ({ ...(await honest.read(query)), floor }),
      }
    },
  },
}

function onPrune(change: (query: PruneQuery) => PruneQuery): StoreFault {
  return (honest) => ({ prune: (query) => honest.prune(change(query)) })
}

function everything(store: Store): ReturnType<Store['read']> {
  return store.read({ after: 0, audience: 'everything', limit: 10_000, signal: new AbortController().signal })
}
