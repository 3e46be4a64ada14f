import type { Archive, EventFilter } from '@trunkline/core'

import { eventCount } from './fill.ts'

/** A search, and how much it found. */
export interface Search {
  readonly name: string
  run(): Promise<string>
}

const hour = 3_600_000
const now = Date.now()
const ago = (hours: number): Date => new Date(now - hours * hour)

const filters: Readonly<Record<string, EventFilter>> = {
  'no filter': {},
  'a common type': { type: 'type-3' },
  'a rare type': { type: 'rare' },
  'a type that is not there': { type: 'nothing' },
  'scope user': { scope: 'user' },
  'scope channel': { scope: 'channel' },
  'scope global': { scope: 'global' },
  'scope system': { scope: 'system' },
  'a user': { userId: 'user-42' },
  'a busy user': { userId: 'busy' },
  'a user who is not there': { userId: 'nobody' },
  'a channel': { channel: 'room-62' },
  'a quiet channel': { channel: 'quiet' },
  'an entity': { entityId: 'page-4242' },
  'an entity that is not there': { entityId: 'nothing' },
  'after a time': { createdAfter: ago(1) },
  'before a time': { createdBefore: ago(12) },
  'an hour of yesterday': { createdAfter: ago(20), createdBefore: ago(19) },
  'a time before everything': { createdBefore: ago(48) },
  'a time after everything': { createdAfter: ago(-48) },
  'a type and an hour': { type: 'type-3', createdAfter: ago(20), createdBefore: ago(19) },
  'a rare type before a time': { type: 'rare', createdBefore: ago(12) },
  'a user and a type': { userId: 'user-42', type: 'type-3' },
  'a busy user and a type they never get': { userId: 'busy', type: 'rare' },
  'a busy user and an hour': { userId: 'busy', createdAfter: ago(20), createdBefore: ago(19) },
  'a channel and a type': { channel: 'room-62', type: 'type-4' },
  'a channel and a type it never gets': { channel: 'room-62', type: 'rare' },
  'a channel and an hour': { channel: 'room-62', createdAfter: ago(20), createdBefore: ago(19) },
  'a scope and a type': { scope: 'channel', type: 'type-4' },
  'a scope and a rare type': { scope: 'user', type: 'rare' },
  'a user and an entity': { userId: 'busy', entityId: 'page-4000' },
  'a type and an entity': { type: 'type-4', entityId: 'page-4242' },
}

const limit = 50
const maxCount = 10_001
const deep = { before: eventCount / 2 }

/** Every filter: its first page, a page a million events down, a text that few events have, and its count. */
export function* searches(archive: Archive): Generator<Search> {
  const find = (filter: Parameters<Archive['find']>[0]) => async (): Promise<string> => {
    const { events, lookedBackTo } = await archive.find(filter)
    return `${events.length}${lookedBackTo === null ? '' : '…'}`
  }
  for (const [name, filter] of Object.entries(filters)) {
    yield { name, run: find({ ...filter, limit }) }
    yield { name: `${name}, deep down`, run: find({ ...filter, ...deep, limit }) }
    yield { name: `${name}, with a text`, run: find({ ...filter, text: 'haystack', limit }) }
    yield { name: `${name}, deep down, with a text`, run: find({ ...filter, ...deep, text: 'haystack', limit }) }
    yield { name: `${name}, counted`, run: async () => String(await archive.count?.({ ...filter, limit: maxCount })) }
  }
  yield { name: 'a text that all events have', run: find({ text: 'Page', limit }) }
  yield { name: 'a text that no event has', run: find({ text: 'not there', limit }) }
  yield { name: 'a page of 1,000', run: find({ limit: 1_000 }) }
}
