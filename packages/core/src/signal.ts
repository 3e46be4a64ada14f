import * as v from 'valibot'

import { type FleetMessage, readFleet } from './fleet/message.ts'
import type { LogEvent, NewEvent, Position } from './ports.ts'

/**
 * What processes tell each other through the Notifier. JSON text with a version: `{"v":1,"log":{…}}` says that the log grew,
 * `{"v":1,"live":[…]}` carries events that are not stored, `{"v":1,"fleet":{…}}` what processes tell
 * of themselves. A payload of another version, or one that is not understood, counts as a
 * bare hint to look at the log, so that two releases can share one database.
 *
 * Events travel as arrays, because each name repeated in a payload is room that an event's own detail does not have.
 */
export type Signal = LogGrew | LiveEvents | Fleet | { readonly kind: 'look' }

/** The log grew. Only a hint: no number in it ever becomes a place in the log by itself. */
export interface LogGrew {
  readonly kind: 'log'
  readonly epoch: string
  /** The head before it grew: inline events that follow the tail's own place need no read. */
  readonly after: Position
  readonly last: Position
  /** All events after `after` up to `last`, when they fit. */
  readonly events: readonly LogEvent[] | null
}

/** Events that are not stored: they have no place and are never seen again. */
export interface LiveEvents {
  readonly kind: 'live'
  readonly events: readonly NewEvent[]
}

/** What a process asks of all of them or tells of itself: no business of the tail. */
export interface Fleet {
  readonly kind: 'fleet'
  readonly message: FleetMessage
}

const eventFields = [
  v.string(), // id
  v.string(), // type
  v.picklist(['user', 'channel', 'global', 'system']),
  v.nullable(v.string()), // userId
  v.nullable(v.string()), // channel
  v.nullable(v.string()), // entityId
  v.string(), // body
  v.boolean(), // raw
  v.array(v.string()), // skipUserIds
  v.string(), // createdAt
] as const

const position = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const liveEventSchema = v.tuple([...eventFields])
const logEventSchema = v.tuple([position, ...eventFields])

const payloadSchema = v.union([
  v.object({
    v: v.literal(1),
    log: v.object({ epoch: v.string(), after: position, last: position, events: v.optional(v.array(logEventSchema)) }),
  }),
  v.object({ v: v.literal(1), live: v.array(liveEventSchema) }),
  v.object({ v: v.literal(1), fleet: v.unknown() }),
])

/** Reads a payload. Never throws: what it does not understand is a reason to look at the log. */
export function parseSignal(payload: string): Signal {
  const parsed = v.safeParse(payloadSchema, parseJson(payload))
  if (!parsed.success) return { kind: 'look' }
  if ('live' in parsed.output) return { kind: 'live', events: parsed.output.live.map(toEvent) }
  if ('fleet' in parsed.output) {
    const message = readFleet(parsed.output.fleet)
    return message === null ? { kind: 'look' } : { kind: 'fleet', message }
  }
  const { epoch, after, last, events } = parsed.output.log
  return {
    kind: 'log',
    epoch,
    after,
    last,
    events: events === undefined ? null : events.map(([at, ...fields]) => ({ ...toEvent(fields), position: at })),
  }
}

/** An event as it travels in {@link liveSignal}. */
export function packLive(event: NewEvent): string {
  const { id, type, scope, userId, channel, entityId, body, raw, skipUserIds, createdAt } = event
  return JSON.stringify([id, type, scope, userId, channel, entityId, body, raw, skipUserIds, createdAt])
}

/** The payload that carries packed events that are not stored. */
export function liveSignal(packed: readonly string[]): string {
  return `{"v":1,"live":[${packed.join(',')}]}`
}

/** The payload that says no more than that the log grew. */
export const lookSignal: string = JSON.stringify({ v: 1 })

function toEvent(fields: v.InferOutput<typeof liveEventSchema>): NewEvent {
  const [id, type, scope, userId, channel, entityId, body, raw, skipUserIds, createdAt] = fields
  // Private data and idempotency keys never travel through a Notifier.
  return {
    id,
    type,
    scope,
    userId,
    channel,
    entityId,
    body,
    raw,
    skipUserIds,
    createdAt,
    privateData: null,
    idempotencyKey: null,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
