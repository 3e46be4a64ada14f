import type { StoreAudience } from '@trunkline/core'

import { isFor, onAudience, onPages, type StoreFault, type StoreFaults } from './broken-store.ts'

/** Faults of reading, of the bounds and of the tag. */
export const readFaults: StoreFaults = {
  'a read of everything gives all scopes': {
    'leaves out system events': onPages((page) => ({ ...page, events: page.events.filter(({ scope }) => scope !== 'system') })),
    'takes everything for an anonymous audience': (honest) => ({
      read: (query) =>
        honest.read({ ...query, audience: query.audience === 'everything' ? { userId: null, channels: [] } : query.audience }),
    }),
  },
  'an audience gets global events, its own and those of its channels': {
    'forgets channels': onAudience((event, { userId }) => isFor(event, { userId, channels: [] })),
    'takes the first channel only': onAudience((event, { userId, channels }) =>
      isFor(event, { userId, channels: channels.slice(0, 1) }),
    ),
    'forgets global events': onAudience((event, audience) => event.scope !== 'global' && isFor(event, audience)),
    'gives them by scope': onPages((page) => ({
      ...page,
      events: page.events.toSorted((a, b) => a.scope.localeCompare(b.scope)),
    })),
  },
  'an audience never gets events of others': {
    'gives events of other users': onAudience((event, audience) =>
      event.scope === 'user' ? audience.userId !== null : isFor(event, audience),
    ),
    'gives events of all channels': onAudience((event, audience) => event.scope === 'channel' || isFor(event, audience)),
    'gives a channel event to all that it does not skip': onAudience(
      (event, audience) =>
        isFor(event, audience) || (event.skipUserIds.length > 0 && !event.skipUserIds.includes(audience.userId ?? '')),
    ),
  },
  'an audience never gets system events': {
    'gives a user the system events about it': onAudience(
      (event, audience) => isFor(event, audience) || (event.scope === 'system' && event.userId === audience.userId),
    ),
    'gives them all': onAudience((event, audience) => isFor(event, audience) || event.scope === 'system'),
    'takes the scope for a channel': onAudience(
      (event, audience) => isFor(event, audience) || audience.channels.includes(event.scope),
    ),
  },
  'an anonymous audience never gets user events': {
    'makes text of null': onAudience((event, audience) => isFor(event, audience) || event.userId === String(audience.userId)),
    'makes text of null for channels': onAudience(
      (event, audience) => isFor(event, audience) || audience.channels.includes(event.userId ?? ''),
    ),
  },
  'names are told apart exactly': {
    'compares without case': onNames((name) => name.toLowerCase()),
    'compares without spaces': onNames((name) => name.trim()),
    'compares without accents': onNames((name) => name.normalize('NFD').replace(/\p{Mn}/gu, '')),
    'compares normalized': onNames((name) => name.normalize()),
    'compares numbers': onNames((name) => (Number.isNaN(Number(name)) ? name : String(Number(name)))),
    'takes % for anything': onAudience(
      (event, { userId, channels }) =>
        event.scope === 'global' ||
        (event.userId !== null && userId !== null && isLike(event.userId, userId)) ||
        (event.channel !== null && channels.some((channel) => isLike(event.channel ?? '', channel))),
    ),
    'takes a user for a channel': onAudience(
      (event, audience) => event.scope === 'global' || names(audience).includes(event.userId ?? event.channel ?? ''),
    ),
    'writes a channel as a user may be called': onAudience((event, { userId, channels }) =>
      ['g', userId, ...channels.map((name) => `c:${name}`)].includes(
        event.userId ?? (event.channel === null ? 'g' : `c:${event.channel}`),
      ),
    ),
  },
  'an event comes once, however it is asked for': {
    'gives it once for each time a channel is named': onPages((page, { audience }) => ({
      ...page,
      events: page.events.flatMap((event) =>
        audience === 'everything' || event.channel === null
          ? [event]
          : audience.channels.filter((name) => name === event.channel).map(() => event),
      ),
    })),
  },
  'a page begins after its place': {
    'gives what stands there too': (honest) => ({ read: (query) => honest.read({ ...query, after: query.after - 1 }) }),
    'always begins at the beginning': (honest) => ({ read: (query) => honest.read({ ...query, after: 0 }) }),
  },
  'a page has at most as many events as asked for, the first ones': {
    'gives one more': (honest) => ({ read: (query) => honest.read({ ...query, limit: query.limit + 1 }) }),
    'gives the newest ones': (honest) => ({
      async read(query) {
        const page = await honest.read({ ...query, limit: 10_000 })
        return { ...page, events: page.events.slice(-query.limit) }
      },
    }),
    'gives none': onPages((page, { after }) => ({ ...page, events: [], through: after })),
  },
  'pages reach the head without a gap or a repetition': {
    'filters what it has read': (honest) => ({
      async read(query) {
        const { audience } = query
        const page = await honest.read({ ...query, audience: 'everything' })
        return audience === 'everything'
          ? page
          : { ...page, events: page.events.filter((event) => isFor(event, audience)), through: page.head }
      },
    }),
    'stays where it found nothing': onPages((page, { after }) => ({ ...page, through: page.events.at(-1)?.position ?? after })),
    'repeats an event': onPages((page) => ({
      ...page,
      through: page.events.length > 1 ? (page.events.at(-2)?.position ?? 0) : page.through,
    })),
  },
  'through says how far a page looked': {
    'says it looked to the end': onPages((page) => ({ ...page, through: page.head })),
    'counts what it gave': onPages((page, { after }) => ({
      ...page,
      through: Math.max(page.through, after + page.events.length + 20),
    })),
  },
  'a page without events has looked to the head': {
    'looks at 20 events at a time': (honest) => ({
      async read(query) {
        const page = await honest.read({ ...query, audience: 'everything', limit: 20 })
        const { audience } = query
        return audience === 'everything'
          ? honest.read(query)
          : { ...page, events: page.events.filter((event) => isFor(event, audience)) }
      },
    }),
    'says that it has not looked': onPages((page, { after }) => (page.events.length === 0 ? { ...page, through: after } : page)),
  },
  'a page beyond the head is empty': {
    'begins again': (honest) => ({
      async read(query) {
        const { head } = await honest.bounds()
        return query.after <= head
          ? honest.read(query)
          : { ...(await honest.read({ ...query, after: 0 })), through: query.after, tag: null }
      },
    }),
    'goes back to the head': onPages((page) => ({ ...page, through: page.events.at(-1)?.position ?? page.head })),
    'takes the place for the head': onPages((page, { after }) => ({ ...page, head: Math.max(page.head, after) })),
  },
  'a new log is empty and begins at 0': {
    'begins at 1': (honest) => ({ bounds: async () => ({ ...(await honest.bounds()), floor: 1, head: 1 }) }),
    'has no head': onPages((page) => ({ ...page, head: page.head || -1 })),
  },
  'the head is the newest event': {
    'remembers the head': (honest) => {
      let first: ReturnType<typeof honest.bounds> | undefined
      return { bounds: () => (first ??= honest.bounds()) }
    },
    'takes the oldest event for the floor': (honest) => ({
      async bounds() {
        const { epoch, floor, head } = await honest.bounds()
        return { epoch, floor: Math.min(floor + 1, head), head }
      },
    }),
  },
  'a page carries the bounds of the log': {
    'takes the last event it gives for the head': onPages((page) => ({
      ...page,
      head: page.events.at(-1)?.position ?? page.head,
    })),
    'takes the place for the floor': onPages((page, { after }) => ({ ...page, floor: after })),
    'calls itself otherwise': onPages((page) => ({ ...page, epoch: 'page' })),
  },
  'a log has an epoch of its own that stays': {
    'is called as all others': renamed(() => 'one'),
    'is called otherwise each time': renamed((epoch) => `${epoch}-${String(performance.now()).replace('.', '')}`.slice(0, 32)),
    'has a dot in its name': renamed((epoch) => `${epoch}.1`),
    'has no name': renamed(() => ''),
  },
  'a page has the tag of the event it begins at': {
    'has it for those who see the event': (honest) => ({
      async read(query) {
        const { audience } = query
        const page = await honest.read(query)
        if (audience === 'everything') return page
        const at = await honest.read({ ...query, after: query.after - 1, limit: 1, audience })
        return { ...page, tag: at.events[0]?.position === query.after ? page.tag : null }
      },
    }),
    'has that of the event after it': onPages((page) => ({ ...page, tag: page.events[0]?.id.slice(-6) ?? page.tag })),
    'has none': onPages((page) => ({ ...page, tag: null })),
  },
  'a page has no tag where nothing stands': {
    'has the last one there is': (honest) => ({
      async read(query) {
        const [page, { head }] = await Promise.all([honest.read(query), honest.bounds()])
        return query.after > head ? { ...page, tag: (await honest.read({ ...query, after: head })).tag } : page
      },
    }),
    'has an empty one': onPages((page) => ({ ...page, tag: page.tag ?? '' })),
  },
  'a page at the floor has the tag of the last event pruned': {
    'forgets it': onPages((page, { after }) => ({ ...page, tag: after === page.floor ? null : page.tag })),
  },
}

/** Compares names by what they come down to. */
function onNames(reduce: (name: string) => string): StoreFault {
  const reduced = (name: string | null) => (name === null ? null : reduce(name))
  return onAudience((event, { userId, channels }) =>
    isFor(
      { ...event, userId: reduced(event.userId), channel: reduced(event.channel) },
      { userId: reduced(userId), channels: channels.map(reduce) },
    ),
  )
}

function names({ userId, channels }: StoreAudience): readonly string[] {
  return userId === null ? channels : [userId, ...channels]
}

/** SQL's LIKE. */
export function isLike(text: string, pattern: string): boolean {
  const expression = pattern
    .replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  return new RegExp(`^${expression}$`, 'su').test(text)
}

function renamed(rename: (epoch: string) => string): StoreFault {
  return (honest) => ({
    async bounds() {
      const bounds = await honest.bounds()
      return { ...bounds, epoch: rename(bounds.epoch) }
    },
  })
}
