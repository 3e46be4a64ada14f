import type { Catalogue } from '../catalogue.ts'
import { entityIdOf } from '../entity.ts'
import { TrunklineError } from '../errors.ts'
import type { NewEvent } from '../ports.ts'
import { checkKeys } from './check-keys.ts'
import type { Scope } from './event.ts'
import { toJsonText } from './json.ts'
import { checkChannel, checkEntityId, checkType, checkUserId } from './names.ts'
import { byteLength } from './text.ts'

/** What a draft is made by. */
export interface EventSettings {
  readonly catalogue: Catalogue | undefined
  readonly maxEventBytes: number
  /** Whether a channel's events are stored when the call does not say. */
  readonly isReliable: (channel: string) => boolean
  readonly hasStore: boolean
  readonly now: () => number
}

/** An event that was checked and is ready to go: into the log, or past it. */
export interface Draft {
  readonly event: NewEvent
  readonly stored: boolean
}

/** Anything a caller may have passed: types are gone at run time. */
export type UncheckedInput = Readonly<Partial<Record<string, unknown>>>

/**
 * Makes an event of what was passed to publish, or throws before anything is stored or sent. Synchronous, so that inside a transaction
 * the INSERT leaves in the same tick as the call.
 */
export function createEvent(scope: Scope, input: UncheckedInput, settings: EventSettings): Draft {
  if (typeof input !== 'object' || input === null) {
    throw new TrunklineError(
      'invalid_event',
      `An event must be an object with at least a type, got ${input === null ? 'null' : typeof input}.`,
    )
  }
  checkKeys(scope, input)
  const type = checkType(input['type'])
  const content = contentOf(type, input, settings.catalogue)
  const channel = scope === 'channel' ? checkChannel(input['channel']) : null
  const stored = isStored(input, channel, settings)
  const createdAt = settings.now()
  const event: NewEvent = {
    id: newEventId(createdAt),
    type,
    scope,
    userId: userOf(scope, input['userId']),
    channel,
    ...content,
    skipUserIds: scope === 'channel' ? skippedUsers(input['skipUserIds']) : [],
    createdAt: new Date(createdAt).toISOString(),
    privateData: input['privateData'] === undefined ? null : toJsonText(input['privateData'], 'privateData'),
    idempotencyKey: input['idempotencyKey'] === undefined ? null : checkKey(input['idempotencyKey']),
  }
  checkSize(event, settings.maxEventBytes)
  return { event, stored }
}

/** A system event of Trunkline's own, under the reserved prefix. */
export function newSystemEvent(type: string, detail: object): NewEvent {
  const createdAt = Date.now()
  return {
    id: newEventId(createdAt),
    type,
    scope: 'system',
    userId: null,
    channel: null,
    entityId: null,
    body: JSON.stringify(detail),
    raw: false,
    skipUserIds: [],
    createdAt: new Date(createdAt).toISOString(),
    privateData: null,
    idempotencyKey: null,
  }
}

function contentOf(
  type: string,
  input: UncheckedInput,
  catalogue: Catalogue | undefined,
): Pick<NewEvent, 'body' | 'raw' | 'entityId'> {
  const schema = catalogue === undefined ? undefined : schemaOf(type, catalogue)
  const { raw, detail = {} } = input
  if (raw !== undefined) {
    if (input['detail'] !== undefined)
      throw new TrunklineError('invalid_detail', `An event has either detail or raw, got both for "${type}".`)
    return { body: checkRaw(raw), raw: true, entityId: null }
  }
  const body = toJsonText(schema === undefined ? detail : validate(type, schema, detail), 'detail')
  // The id as receivers will read it: what a toJSON or a schema made of it.
  const entityId = body.includes('":id"') ? checkEntityId(entityIdOf(JSON.parse(body))) : null
  return { body, raw: false, entityId }
}

function schemaOf(type: string, catalogue: Catalogue): Catalogue[string] {
  const schema = Object.hasOwn(catalogue, type) ? catalogue[type] : undefined
  if (schema !== undefined) return schema
  const known = Object.keys(catalogue).slice(0, 20).join(', ')
  throw new TrunklineError(
    'unknown_type',
    `Event type "${type}" is not in the catalogue (${known}). Add it to events, or correct the name.`,
  )
}

function validate(type: string, schema: Catalogue[string], detail: unknown): unknown {
  const result = schema['~standard'].validate(detail)
  if (result instanceof Promise) {
    throw new TrunklineError(
      'invalid_options',
      `The schema of "${type}" is asynchronous. Events are checked in the tick of the call: use a synchronous schema.`,
    )
  }
  if (result.issues === undefined) return result.value
  const said = result.issues.map((issue) => {
    const path = issue.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
    return path ? `${path}: ${issue.message}` : issue.message
  })
  throw new TrunklineError('invalid_detail', `The detail of "${type}" does not fit its schema: ${said.join('; ')}.`, {
    cause: result.issues,
  })
}

function checkRaw(raw: unknown): string {
  if (typeof raw !== 'string') throw new TrunklineError('invalid_detail', `raw must be a string, got ${typeof raw}.`)
  if (raw.includes('\0') || !raw.isWellFormed()) {
    throw new TrunklineError(
      'invalid_detail',
      'raw must be text without NUL characters and lone surrogates. Send binary data as base64.',
    )
  }
  return raw
}

function isStored(input: UncheckedInput, channel: string | null, settings: EventSettings): boolean {
  const { store, privateData, idempotencyKey } = input
  const stored = settings.hasStore && store !== false && (channel === null || store === true || settings.isReliable(channel))
  if (!stored && (privateData !== undefined || idempotencyKey !== undefined || (store === true && !settings.hasStore))) {
    const what = privateData !== undefined ? 'privateData' : idempotencyKey !== undefined ? 'idempotencyKey' : 'store: true'
    throw new TrunklineError(
      'no_store',
      `${what} needs an event that is stored, and this one is not. Give createTrunkline a store, or leave ${what} out.`,
    )
  }
  return stored
}

function userOf(scope: Scope, userId: unknown): string | null {
  if (scope === 'user') return checkUserId(userId)
  return scope === 'system' && userId !== undefined ? checkUserId(userId) : null
}

function skippedUsers(ids: unknown): readonly string[] {
  if (ids === undefined) return []
  if (!Array.isArray(ids)) throw new TrunklineError('invalid_user', `skipUserIds must be a list of user ids, got ${typeof ids}.`)
  return ids.map(checkUserId)
}

function checkKey(key: unknown): string {
  if (typeof key === 'string' && key !== '' && byteLength(key) <= 255 && !key.includes('\0') && key.isWellFormed()) return key
  throw new TrunklineError('invalid_event', 'idempotencyKey must be text of 1 to 255 bytes without NUL characters.')
}

function checkSize(event: NewEvent, maxEventBytes: number): void {
  const bytes = byteLength(event.body) + (event.privateData === null ? 0 : byteLength(event.privateData))
  if (bytes <= maxEventBytes) return
  throw new TrunklineError(
    'event_too_large',
    `An event may have ${maxEventBytes} bytes, this "${event.type}" has ${bytes}. Send a reference to the data, or raise maxEventBytes.`,
  )
}

/**
 * A version 7 UUID (RFC 9562): the time first, so that ids made together stand together in the index on them, and 74 random bits,
 * the last of which are the event's tag.
 */
function newEventId(time: number): string {
  const hex = time.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${crypto.randomUUID().slice(15)}`
}
