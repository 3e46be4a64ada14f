import { type ErrorCode, TrunklineError } from '../errors.ts'
import { byteLength } from './text.ts'

/** What publish and connect take as a user: kept as a string. */
export type UserId = string | number | bigint

const reservedTypes = new Set(['connected', 'reset', 'heartbeat', 'goodbye', '*'])
/** Types that begin with it are Trunkline's own. */
export const reservedPrefix = 'trunkline.'
const maxNameBytes = 255

/** An event type: 1 to 255 bytes, no control characters, not one the wire keeps for itself. */
export function checkType(type: unknown): string {
  const name = checkName(type, 'Event type', 'type', 'invalid_type')
  if (reservedTypes.has(name) || name.startsWith(reservedPrefix)) {
    throw new TrunklineError(
      'reserved_type',
      `Event type "${name}" is reserved: ${[...reservedTypes].join(', ')} and the prefix "${reservedPrefix}" belong to Trunkline. Choose another name.`,
    )
  }
  return name
}

/** A channel name: any UTF-8 text of 1 to 255 bytes without control characters. */
export function checkChannel(channel: unknown): string {
  return checkName(channel, 'Channel name', 'channel', 'invalid_channel')
}

/** An entity id, which becomes part of an event's name in the browser and so obeys the rules of names. */
export function checkEntityId(id: string | null): string | null {
  return id === null ? null : checkName(id, "Entity id (detail[':id'])", "detail[':id']", 'invalid_entity_id')
}

/** A user id as the string it is kept as. Null, undefined, '' and NaN are never a user: they would reach anonymous clients. */
export function checkUserId(userId: unknown): string {
  if (typeof userId === 'bigint') return userId.toString()
  if (typeof userId === 'number') {
    if (Number.isSafeInteger(userId)) return userId.toString()
    throw new TrunklineError(
      'invalid_user',
      `userId must be a safe integer when it is a number, got ${userId}. Pass it as a string.`,
    )
  }
  if (typeof userId === 'string' && userId !== '') return checkName(userId, 'userId', 'userId', 'invalid_user')
  const got = userId === '' ? 'an empty string' : describe(userId)
  throw new TrunklineError(
    'invalid_user',
    `userId must be the id of a user (a string of 1 to 255 bytes, a safe integer or a bigint), got ${got}. Is somebody signed in?`,
  )
}

function checkName(value: unknown, what: string, field: string, code: ErrorCode): string {
  const wanted = `${what} must be 1 to ${maxNameBytes} bytes of text without control characters`
  if (typeof value !== 'string' || value === '') {
    throw new TrunklineError(
      code,
      `${wanted}, got ${value === '' ? 'an empty string' : describe(value)}. Pass a non-empty string as ${field}.`,
    )
  }
  const bytes = byteLength(value)
  if (bytes > maxNameBytes) throw new TrunklineError(code, `${wanted}, got ${bytes} bytes. Pass a shorter ${field}.`)
  if (hasControlCharacter(value)) throw new TrunklineError(code, `${wanted}, got ${JSON.stringify(value)}.`)
  if (!value.isWellFormed())
    throw new TrunklineError(code, `${wanted}, got half of a surrogate pair in ${JSON.stringify(value)}.`)
  return value
}

/** C0, DEL and C1: they break frames, log lines and terminals. */
function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true
  }
  return false
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value
}
