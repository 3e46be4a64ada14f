import type { Archive, EventFilter, LogEvent } from '@trunkline/core'

import type { StoreFault, StoreFaults } from './broken-store.ts'
import { isLike } from './read-faults.ts'

type Find = Parameters<Archive['find']>[0]

/** Faults of looking up. */
export const archiveFaults: StoreFaults = {
  'the archive gets an event as it was stored': {
    'forgets private data': onArchive(({ get }) => ({ get: async (id) => without(await get(id), { privateData: null }) })),
    'does not see system events': onArchive(({ get }) => ({
      async get(id) {
        const event = await get(id)
        return event?.scope === 'system' ? null : event
      },
    })),
    'finds less than it gets': onFound((events) => events.map((event) => ({ ...event, entityId: null }))),
  },
  'the archive gets the newest event with an id': {
    'gets the oldest': onArchive(({ find }) => ({
      get: async (id) => (await find({ limit: 10_000 })).events.findLast((event) => event.id === id) ?? null,
    })),
  },
  'the archive gets null for an event that is not there': {
    'gets undefined': onArchive(({ get }) => ({ get: async (id) => (await get(id)) ?? (undefined as unknown as null) })),
    'gets what is nearly it': onArchive(({ get }) => ({ get: (id) => get(id.trim()) })),
    'gets what was pruned': (honest) => {
      const all = new Map<string, LogEvent>()
      return {
        async append(events, options) {
          const placed = await honest.append(events, options)
          for (const [index, event] of events.entries()) all.set(event.id, { ...event, position: placed[index]?.position ?? 0 })
          return placed
        },
        archive: { ...archiveOf(honest), get: async (id) => all.get(id) ?? null },
      }
    },
  },
  'the archive finds the newest events first': {
    'finds the oldest first': onFound((events) => events.toReversed()),
    'has no limit': onFilter((filter) => ({ ...filter, limit: 10_000 })),
    'always says that it stopped early': onArchive(({ find }) => ({
      find: async (filter) => ({ ...(await find(filter)), lookedBackTo: 1 }),
    })),
  },
  'the archive finds what stands before a place': {
    'finds what stands there, too': onFilter((filter) => ({
      ...filter,
      ...(filter.before === undefined ? {} : { before: filter.before + 1 }),
    })),
    'forgets the place': onFilter((filter) => except(filter, 'before')),
    'forgets the place beside a filter': onFilter(({ before, ...filter }) => ({
      ...filter,
      ...(before === undefined || filter.type ? {} : { before }),
    })),
  },
  'the archive counts what it finds': {
    'counts everything': onArchive(({ count }) => ({ count: async ({ limit }) => (await count?.({ limit })) ?? 0 })),
    'does not stop': onArchive(({ count }) => ({ count: async (filter) => (await count?.({ ...filter, limit: 1_000 })) ?? 0 })),
    'stops early': onArchive(({ count }) => ({
      count: async (filter) => (await count?.({ ...filter, limit: filter.limit - 1 })) ?? 0,
    })),
  },
  'the archive finds events by type, scope, user, channel and entity': {
    'does not look at types': ignoring('type'),
    'does not look at scopes': ignoring('scope'),
    'does not look at users': ignoring('userId'),
    'does not look at channels': ignoring('channel'),
    'does not look at entities': ignoring('entityId'),
    'compares types with LIKE': comparing('type', (wanted, event) => isLike(event.type, wanted)),
    'compares types without case': comparing('type', (wanted, event) => event.type.toLowerCase() === wanted.toLowerCase()),
    'takes a user for a channel': comparing('userId', (wanted, event) => [event.userId, event.channel].includes(wanted)),
    'takes a channel for a user': comparing('channel', (wanted, event) => [event.userId, event.channel].includes(wanted)),
    'does not find system events by user': comparing(
      'userId',
      (wanted, event) => event.scope === 'user' && event.userId === wanted,
    ),
    'finds by the beginning of an entity id': comparing('entityId', (wanted, event) =>
      wanted.startsWith(event.entityId ?? 'none'),
    ),
  },
  'the archive finds events that match a whole filter': {
    'does not look at text beside other parts': onFilter(({ text, ...filter }) => ({
      ...filter,
      ...(text === undefined || filter.type !== undefined ? {} : { text }),
    })),
    'does not look at scopes beside a user': onFilter(({ scope, ...filter }) => ({
      ...filter,
      ...(scope === undefined || filter.userId !== undefined ? {} : { scope }),
    })),
    'filters what it has found': onArchive(({ find }) => ({
      async find(filter) {
        const { events } = await find({ limit: filter.limit })
        const wanted = new Set((await find(filter)).events.map(({ position }) => position))
        return { events: events.filter(({ position }) => wanted.has(position)), lookedBackTo: null }
      },
    })),
  },
  'the archive finds events by time': {
    'finds what was created then, too': onFilter((filter) => ({
      ...filter,
      ...(filter.createdAfter === undefined ? {} : { createdAfter: new Date(filter.createdAfter.getTime() - 1) }),
    })),
    'finds what was created before, too': ignoring('createdAfter'),
    'finds what was created after, too': ignoring('createdBefore'),
  },
  'the archive finds text in details': {
    'compares with LIKE': comparing('text', (wanted, { body }) => isLike(body, `%${wanted}%`)),
    'takes it for an expression': comparing('text', (wanted, { body }) => new RegExp(wanted).test(body)),
    'looks into private data': comparing('text', (wanted, { body, privateData }) => `${body}${privateData}`.includes(wanted)),
    'does not look': ignoring('text'),
  },
  'the archive says since when it has events': {
    'says when time began': onArchive(() => ({ size: async () => ({ bytes: null, oldest: new Date(0).toISOString() }) })),
    'never knows': onArchive(() => ({ size: async () => ({ bytes: null, oldest: null }) })),
  },
}

function archiveOf({ archive }: { readonly archive?: Archive }): Archive {
  if (archive === undefined) throw new Error('memory() has an archive.')
  return archive
}

function onArchive(change: (archive: Archive) => Partial<Archive>): StoreFault {
  return (honest) => ({ archive: { ...archiveOf(honest), ...change(archiveOf(honest)) } })
}

function onFilter(change: (filter: Find) => Find): StoreFault {
  return onArchive(({ find }) => ({ find: (filter) => find(change(filter)) }))
}

function onFound(change: (events: readonly LogEvent[]) => readonly LogEvent[]): StoreFault {
  return onArchive(({ find }) => ({
    async find(filter) {
      const found = await find(filter)
      return { ...found, events: change(found.events) }
    },
  }))
}

function ignoring(part: keyof EventFilter): StoreFault {
  return onFilter((filter) => except(filter, part))
}

/** Looks at one part of a filter in a way of its own. */
function comparing(
  part: 'type' | 'userId' | 'channel' | 'entityId' | 'text',
  matches: (wanted: string, event: LogEvent) => boolean,
): StoreFault {
  return onArchive(({ find }) => ({
    async find(filter) {
      const { [part]: wanted, limit } = filter
      if (wanted === undefined) return find(filter)
      const { events } = await find({ ...except(filter, part), limit: 10_000 })
      return { events: events.filter((event) => matches(wanted, event)).slice(0, limit), lookedBackTo: null }
    },
  }))
}

function except(filter: Find, part: keyof Find): Find {
  return Object.fromEntries(Object.entries(filter).filter(([name]) => name !== part)) as unknown as Find
}

function without(event: LogEvent | null, change: Partial<LogEvent>): LogEvent | null {
  return event === null ? null : { ...event, ...change }
}
