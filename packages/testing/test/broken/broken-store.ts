import { type LogEvent, memory, type NewEvent, type Page, type ReadQuery, type Store, type StoreAudience } from '@trunkline/core'

/** What a store does otherwise than the honest one that it is made from. */
export type StoreFault = (honest: Store) => Partial<Store>

/** By the name of the case that has to find it, and by what is wrong. */
export type StoreFaults = Readonly<Record<string, Readonly<Record<string, StoreFault>>>>

/** An error that a faulty store throws because that is its fault. */
export class OnPurpose extends Error {}

/** A new store of memory(), with one fault. */
export function brokenStore(fault: StoreFault): Store {
  const { store } = memory()
  const honest: Store = {
    append: (events, options) => store.append(events, options),
    read: (query) => store.read(query),
    bounds: () => store.bounds(),
    prune: (query) => store.prune(query),
    ...(store.archive === undefined ? {} : { archive: store.archive }),
  }
  return { ...honest, ...fault(honest) }
}

/** Changes every page that is read. */
export function onPages(change: (page: Page, query: ReadQuery) => Page): StoreFault {
  return (honest) => ({ read: async (query) => change(await honest.read(query), query) })
}

/** Changes every event that is read. */
export function onRead(change: (event: LogEvent) => LogEvent): StoreFault {
  return onPages((page) => ({ ...page, events: page.events.map(change) }))
}

/** Changes every event before it is stored. */
export function onStored(change: (event: NewEvent, index: number, all: readonly NewEvent[]) => NewEvent): StoreFault {
  return (honest) => ({ append: (events, options) => honest.append(events.map(change), options) })
}

/** Changes whom an event is given to. */
export function onAudience(sees: (event: LogEvent, audience: StoreAudience) => boolean): StoreFault {
  return (honest) => ({
    async read(query) {
      const { audience, limit } = query
      if (audience === 'everything') return honest.read(query)
      const page = await honest.read({ ...query, audience: 'everything', limit: 10_000 })
      const events = page.events.filter((event) => sees(event, audience)).slice(0, limit)
      return { ...page, events, through: events.length === limit ? (events.at(-1)?.position ?? page.through) : page.through }
    },
  })
}

/** Whom an event is for. */
export function isFor({ scope, userId, channel }: NewEvent, audience: StoreAudience): boolean {
  if (scope === 'user') return audience.userId !== null && audience.userId === userId
  if (scope === 'channel') return channel !== null && audience.channels.includes(channel)
  return scope === 'global'
}
