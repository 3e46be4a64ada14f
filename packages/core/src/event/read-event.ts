import type { Place } from '../cursor.ts'
import { formatCursor, tagOf } from '../cursor.ts'
import type { LogEvent, NewEvent } from '../ports.ts'
import type { Scoped, StoredEvent, TrunklineEvent } from './event.ts'
import { deepFreeze } from './json.ts'

/** The event as receivers see it. `cursor` is left out for one that is not stored. */
export function readEvent(event: NewEvent, cursor: string | undefined): TrunklineEvent {
  return deepFreeze({
    id: event.id,
    type: event.type,
    detail: detailOf(event),
    createdAt: event.createdAt,
    ...(cursor === undefined ? {} : { cursor }),
    ...scopedOf(event),
  })
}

/** The event as the server may see it: with what never leaves it. */
export function readStoredEvent(event: LogEvent, epoch: string): StoredEvent {
  const cursor = formatCursor(placeOf(event, epoch))
  return deepFreeze({
    ...readEvent(event, cursor),
    cursor,
    ...(event.privateData === null ? {} : { privateData: JSON.parse(event.privateData) as unknown }),
    ...(event.idempotencyKey === null ? {} : { idempotencyKey: event.idempotencyKey }),
  })
}

/** Where an event of the log stands. */
export function placeOf(event: LogEvent, epoch: string): Place {
  return { epoch, position: event.position, tag: tagOf(event.id) }
}

function detailOf(event: NewEvent): unknown {
  return event.raw ? event.body : (JSON.parse(event.body) as unknown)
}

function scopedOf({ scope, userId, channel }: NewEvent): Scoped {
  switch (scope) {
    case 'user':
      return { scope, userId: userId ?? '' }
    case 'channel':
      return { scope, channel: channel ?? '' }
    case 'system':
      return userId === null ? { scope } : { scope, userId }
    default:
      return { scope }
  }
}
