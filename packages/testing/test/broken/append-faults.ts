import type { NewEvent, Placed } from '@trunkline/core'

import { onRead, OnPurpose, onStored, type StoreFaults } from './broken-store.ts'
import { pause } from '../../src/pause.ts'

/** Faults of append, and of what is given back. */
export const appendFaults: StoreFaults = {
  'append places events in the order in which they were given': {
    'answers in reverse': (honest) => ({ append: async (...call) => (await honest.append(...call)).toReversed() }),
    'stores in reverse': (honest) => ({
      append: async (events, options) => (await honest.append(events.toReversed(), options)).toReversed(),
    }),
    'tells wrong places': (honest) => ({
      append: async (...call) =>
        (await honest.append(...call)).map((place) => ({ ...place, position: (place.position ?? 0) + 1 })),
    }),
    'tells no places': (honest) => ({
      append: async (...call) => (await honest.append(...call)).map((place) => ({ ...place, position: null })),
    }),
    'forgets to tell a place': (honest) => ({ append: async (...call) => (await honest.append(...call)).slice(1) }),
    'takes every event for a duplicate': (honest) => ({
      append: async (...call) => (await honest.append(...call)).map((place) => ({ ...place, duplicate: true })),
    }),
  },
  'an epoch that append names is the one of the log': {
    'names another': (honest) => ({
      append: async (...call) => (await honest.append(...call)).map((place) => ({ ...place, epoch: 'yesterday' })),
    }),
  },
  'what append says of an event besides its place is what is read of it': {
    'takes the head as it was before somebody else wrote': (honest) => ({
      append: async (...call) => (await honest.append(...call)).map((place) => ({ ...place, after: 0 })),
    }),
    'tells the moment of the call': (honest) => ({
      append: async (...call) =>
        (await honest.append(...call)).map((place) => ({ ...place, createdAt: new Date(0).toISOString() })),
    }),
  },
  'append of no events resolves with no places': {
    'refuses it': (honest) => ({
      async append(events, options) {
        if (events.length === 0) throw new OnPurpose('syntax error at or near ")"')
        return honest.append(events, options)
      },
    }),
  },
  'an appended event can be read at once': {
    'shows it a moment later': (honest) => {
      let visible = 0
      return {
        async append(events, options) {
          const placed = await honest.append(events, options)
          setTimeout(() => (visible = placed.at(-1)?.position ?? 0), 3)
          return placed
        },
        async read(query) {
          const page = await honest.read(query)
          const events = page.events.filter(({ position }) => position <= visible)
          const head = Math.min(page.head, visible)
          return { ...page, events, head, through: Math.max(query.after, Math.min(page.through, head)) }
        },
      }
    },
  },
  'append stores all events of a call or none': {
    'stores what comes before the refused one': (honest) => ({
      async append(events, options) {
        const placed: Placed[] = []
        for (const event of events) {
          refuseOdd([event])
          placed.push(...(await honest.append([event], options)))
        }
        return placed
      },
    }),
    'stores all and then refuses': (honest) => ({
      async append(events, options) {
        const placed = await honest.append(events, options)
        refuseOdd(events)
        return placed
      },
    }),
    'leaves out what it cannot store': (honest) => ({
      async append(events, options) {
        const placed = await honest.append(
          events.filter((event) => !isOdd(event)),
          options,
        )
        return events.map((_, index) => placed[index] ?? { position: 1, id: '', duplicate: false })
      },
    }),
  },
  'all events of a call are seen at once': {
    'stores them one by one': (honest) => ({
      async append(events, options) {
        const placed: Placed[] = []
        for (const event of events) {
          placed.push(...(await honest.append([event], options)))
          await pause(1)
        }
        return placed
      },
    }),
  },
  'a follower misses nothing while eight writers append': {
    'commits in another order than it numbers': (honest) => {
      const uncommitted = new Set<string>()
      let calls = 0
      return {
        async append(events, options) {
          const placed = honest.append(events, options)
          for (const { id } of events) uncommitted.add(id)
          await pause(calls++ % 4)
          for (const { id } of events) uncommitted.delete(id)
          return placed
        },
        async read(query) {
          const page = await honest.read(query)
          return { ...page, events: page.events.filter(({ id }) => !uncommitted.has(id)) }
        },
      }
    },
  },
  'the events of one call keep their order while others append': {
    'tells the places it expected': (honest) => ({
      async append(events, options) {
        const { head } = await honest.bounds()
        await pause(1)
        await honest.append(events, options)
        return events.map(({ id }, index) => ({ position: head + 1 + index, id, duplicate: false }))
      },
    }),
  },
  'a detail comes back as the same text': {
    'writes it anew': onStored((event) =>
      event.raw || !isJson(event.body) ? event : { ...event, body: JSON.stringify(JSON.parse(event.body)) },
    ),
    'trims it': onStored((event) => ({ ...event, body: event.body.trim() })),
    'cuts characters in half': onStored((event) => ({ ...event, body: event.body.replace(/[\u{10000}-\u{10ffff}]/gu, '?') })),
  },
  'raw text comes back as it was': {
    'makes all line ends the same': onStored((event) => ({ ...event, body: event.body.replace(/\r\n?/g, '\n') })),
    'takes an empty text for none': onStored((event) => ({ ...event, body: event.body || 'null' })),
    'forgets that it is raw': onRead((event) => ({ ...event, raw: false })),
  },
  'a detail of 200 KiB comes back whole': {
    'cuts it at 65,535 characters': onStored((event) => ({ ...event, body: event.body.slice(0, 65_535) })),
    'refuses it': (honest) => ({
      async append(events, options) {
        if (events.some(({ body }) => body.length > 65_535)) throw new OnPurpose('Data too long for column')
        return honest.append(events, options)
      },
    }),
  },
  'private data comes back as the same text': {
    'forgets it': onStored((event) => ({ ...event, privateData: null })),
    'writes it anew': onStored((event) => ({
      ...event,
      privateData: event.privateData && JSON.stringify(JSON.parse(event.privateData)),
    })),
    'writes null as text': onStored((event) => ({ ...event, privateData: String(event.privateData) })),
  },
  'who an event is for comes back': {
    'forgets who is skipped': onRead((event) => ({ ...event, skipUserIds: [] })),
    'joins who is skipped': onRead((event) => ({ ...event, skipUserIds: [event.skipUserIds.join()] })),
    'forgets whom a system event is about': onRead((event) => (event.scope === 'system' ? { ...event, userId: null } : event)),
  },
  'type, entity id and idempotency key come back': {
    'cuts a type': onStored((event) => ({ ...event, type: event.type.slice(0, 63) })),
    'takes an entity id for a number': onStored((event) =>
      Number(event.entityId) ? { ...event, entityId: String(Number(event.entityId)) } : event,
    ),
    'forgets the key': onRead((event) => ({ ...event, idempotencyKey: null })),
  },
  'createdAt is ISO 8601 in UTC and grows with the log': {
    'writes it as SQL does': onRead((event) => ({ ...event, createdAt: event.createdAt.replace('T', ' ').replace('Z', '+00') })),
    'reads it in another time zone': onRead((event) => ({
      ...event,
      createdAt: new Date(Date.parse(event.createdAt) - 7_200_000).toISOString(),
    })),
    'gives the time of the read': onRead((event) => ({ ...event, createdAt: new Date().toISOString() })),
    'gives whole seconds': onRead((event) => ({ ...event, createdAt: `${event.createdAt.slice(0, 11)}00:00:00.000Z` })),
  },
}

function refuseOdd(events: readonly NewEvent[]): void {
  if (events.some(isOdd)) throw new OnPurpose('value too long for type character varying(255)')
}

function isOdd({ type }: NewEvent): boolean {
  return type.length > 255
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
