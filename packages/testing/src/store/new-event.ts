import type { NewEvent } from '@trunkline/core'

/** An event as core gives it to a store: global and small, unless said otherwise. */
export function newEvent(fields: Partial<NewEvent> = {}): NewEvent {
  const id = crypto.randomUUID()
  return {
    id,
    type: 'contract_event',
    scope: 'global',
    userId: null,
    channel: null,
    entityId: null,
    body: JSON.stringify({ about: id }),
    raw: false,
    skipUserIds: [],
    createdAt: new Date().toISOString(),
    privateData: null,
    idempotencyKey: null,
    ...fields,
  }
}

/** An event for one user. */
export function userEvent(userId: string, fields: Partial<NewEvent> = {}): NewEvent {
  return newEvent({ scope: 'user', userId, ...fields })
}

/** An event for the readers of a channel. */
export function channelEvent(channel: string, fields: Partial<NewEvent> = {}): NewEvent {
  return newEvent({ scope: 'channel', channel, ...fields })
}

/** An event that no browser ever sees. */
export function systemEvent(fields: Partial<NewEvent> = {}): NewEvent {
  return newEvent({ scope: 'system', ...fields })
}

/** So many global events. */
export function newEvents(count: number, fields: Partial<NewEvent> = {}): readonly NewEvent[] {
  return Array.from({ length: count }, () => newEvent(fields))
}

/** What a cursor remembers of an event: the last 6 characters of its id. */
export function tagOf(event: { readonly id: string }): string {
  return event.id.slice(-6)
}

/** Ids, for comparing what was read with what was appended. */
export function idsOf(events: readonly { readonly id: string }[]): readonly string[] {
  return events.map(({ id }) => id)
}
