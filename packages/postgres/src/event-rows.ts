import type { LogEvent, NewEvent, Scope } from '@trunkline/core'
import { type AliasedRawBuilder, sql } from 'kysely'

/** An event as {@link eventColumns} selects it: text in one-word columns, so that no driver and no transform has an opinion about it. */
export interface EventRow {
  readonly position: string
  readonly id: string
  readonly type: string
  readonly scope: string
  readonly userid: string | null
  readonly channel: string | null
  readonly entityid: string | null
  readonly body: string
  readonly raw: string
  readonly skip: string | null
  readonly createdat: string
  readonly private: string | null
  readonly key: string | null
}

/** What is selected of `events` under the name `e`: everything as text. */
export const eventSelection: readonly { [K in keyof EventRow]: AliasedRawBuilder<EventRow[K], K> }[keyof EventRow][] = [
  sql<string>`e.position::text`.as('position'),
  sql<string>`e.id`.as('id'),
  sql<string>`e.type`.as('type'),
  sql<string>`e.scope`.as('scope'),
  sql<string | null>`e.user_id`.as('userid'),
  sql<string | null>`e.channel`.as('channel'),
  sql<string | null>`e.entity_id`.as('entityid'),
  sql<string>`e.body`.as('body'),
  sql<string>`e.raw::text`.as('raw'),
  sql<string | null>`e.skip`.as('skip'),
  sql<string>`to_char(e.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`.as('createdat'),
  sql<string | null>`e.private`.as('private'),
  sql<string | null>`e.key`.as('key'),
]

/** A row of the log as the event it is. */
export function toLogEvent(row: EventRow): LogEvent {
  return {
    position: Number(row.position),
    id: row.id,
    type: row.type,
    // Only append and the outbox write the log, and both know the four scopes.
    scope: row.scope as Scope,
    userId: row.userid,
    channel: row.channel,
    entityId: row.entityid,
    body: row.body,
    raw: row.raw === 'true',
    skipUserIds: row.skip === null ? [] : (JSON.parse(row.skip) as readonly string[]),
    createdAt: row.createdat,
    privateData: row.private,
    idempotencyKey: row.key,
  }
}

/** An event as the outbox has it. */
export interface OutboxRow {
  readonly id: string
  readonly type: string
  readonly scope: string
  readonly user_id: string | null
  readonly channel: string | null
  readonly entity_id: string | null
  readonly body: string
  readonly raw: boolean
  readonly skip: string | null
  readonly private: string | null
  readonly key: string | null
}

/** An event on its way in. */
export function toRow(event: NewEvent): OutboxRow {
  const { id, type, scope, userId, channel, entityId, body, raw, skipUserIds, privateData, idempotencyKey } = event
  return {
    id,
    type,
    scope,
    user_id: userId,
    channel,
    entity_id: entityId,
    body,
    raw,
    skip: skipUserIds.length === 0 ? null : JSON.stringify(skipUserIds),
    private: privateData,
    key: idempotencyKey,
  }
}

/** Events on their way in, as one JSON text. */
export function toJson(events: readonly NewEvent[]): string {
  return JSON.stringify(events.map(toRow))
}
