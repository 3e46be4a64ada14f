import type { NewEvent, Placed, Store } from '@trunkline/core'

import { onStored, type StoreFaults } from './broken-store.ts'
import { pause } from '../../src/pause.ts'

/** Faults with idempotency keys. */
export const keyFaults: StoreFaults = {
  'a repeated idempotency key gives the first place': {
    'stores it again': onStored((event) => ({ ...event, idempotencyKey: null })),
    'gives the id of the repetition': (honest) => ({
      append: async (events, options) =>
        (await honest.append(events, options)).map((place, index) => ({ ...place, id: events[index]?.id ?? '' })),
    }),
    'does not call it a duplicate': (honest) => ({
      append: async (...call) => (await honest.append(...call)).map((place) => ({ ...place, duplicate: false })),
    }),
    'gives it no place': (honest) => ({
      append: async (...call) =>
        (await honest.append(...call)).map((place) => (place.duplicate === true ? { ...place, position: null } : place)),
    }),
  },
  'an idempotency key is used once within one call': {
    'looks at earlier calls only': onStored((event, index, all) => {
      const isSecond = all.findIndex(({ idempotencyKey }) => idempotencyKey === event.idempotencyKey) < index
      return isSecond ? { ...event, idempotencyKey: null } : event
    }),
    'leaves repetitions out of its answer': (honest) => ({
      append: async (...call) => (await honest.append(...call)).filter(({ duplicate }) => duplicate === false),
    }),
    'gives up at the first repetition': (honest) => ({
      async append(events, options) {
        const placed = await honest.append(events.slice(0, 3), options)
        return events.map((_, index) => placed[index] ?? { position: 1, id: '', duplicate: true })
      },
    }),
  },
  'different keys and no keys are no repetition': {
    'compares without case': onStored((event) => ({ ...event, idempotencyKey: event.idempotencyKey?.toLowerCase() ?? null })),
    'compares without spaces': onStored((event) => ({ ...event, idempotencyKey: event.idempotencyKey?.trim() ?? null })),
    'takes no key for one': onStored((event) => ({ ...event, idempotencyKey: String(event.idempotencyKey) })),
  },
  'a key used by many at once is stored once': {
    'looks first and stores then': (honest) => withKeysOfItsOwn(honest, () => pause(1)),
  },
  'a key is forgotten with its event': {
    'remembers it for ever': (honest) => withKeysOfItsOwn(honest, () => Promise.resolve()),
  },
}

/** Keeps the keys beside the log: nothing of what the log does to its events concerns them. */
function withKeysOfItsOwn(honest: Store, between: () => Promise<void>): Partial<Store> {
  const used = new Map<string, Placed>()
  const keys = new Map<string, string>()
  const store = async (event: NewEvent): Promise<Placed> => {
    const known = used.get(event.idempotencyKey ?? '')
    await between()
    if (known !== undefined) return { ...known, duplicate: true }
    const [place] = await honest.append([{ ...event, idempotencyKey: null }], {})
    if (place === undefined) throw new Error('There is one place for one event.')
    if (event.idempotencyKey !== null) {
      used.set(event.idempotencyKey, place)
      keys.set(event.id, event.idempotencyKey)
    }
    return place
  }
  return {
    async append(events) {
      const placed: Placed[] = []
      for (const event of events) placed.push(await store(event))
      return placed
    },
    async read(query) {
      const page = await honest.read(query)
      return { ...page, events: page.events.map((event) => ({ ...event, idempotencyKey: keys.get(event.id) ?? null })) }
    },
  }
}
