import * as v from 'valibot'

import { parseCursor } from './cursor.ts'
import { TrunklineError } from './errors.ts'
import type { EventFilter, Position } from './ports.ts'

const text = v.pipe(
  v.string('must be text'),
  v.minLength(1, 'must not be empty'),
  // No text of a database can have one.
  v.excludes('\0', 'must not have NUL characters'),
)
const date = v.pipe(v.date('must be a Date'))

const schema = v.strictObject({
  type: v.optional(text),
  scope: v.optional(v.picklist(['user', 'channel', 'global', 'system'], 'must be user, channel, global or system')),
  userId: v.optional(text),
  channel: v.optional(text),
  entityId: v.optional(text),
  createdAfter: v.optional(date),
  createdBefore: v.optional(date),
  text: v.optional(text),
  before: v.optional(v.string('must be a cursor')),
  limit: v.optional(
    v.pipe(
      v.number('must be a number'),
      v.integer('must be whole'),
      v.minValue(1, 'must be at least 1'),
      v.maxValue(1_000, 'must be at most 1,000'),
    ),
    50,
  ),
})

/**
 * Checks what find was asked for.
 *
 * @throws {TrunklineError} `invalid_filter`, `invalid_cursor`
 */
export function checkFilter(filter: unknown): EventFilter & { readonly limit: number; readonly before?: Position } {
  const result = v.safeParse(schema, filter)
  if (!result.success) {
    const wrong = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the filter'} ${issue.message}, got ${issue.received}`)
    throw new TrunklineError('invalid_filter', `find: ${wrong.join('; ')}.`)
  }
  const { before, ...rest } = result.output
  // Left-out fields are not there, so that no store has to tell undefined from absent.
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as unknown as EventFilter & {
    limit: number
  }
  return before === undefined ? given : { ...given, before: positionOf(before) }
}

function positionOf(cursor: string): Position {
  const place = parseCursor(cursor)
  if (place !== null) return place.position
  throw new TrunklineError(
    'invalid_cursor',
    `find: before must be a cursor, got ${JSON.stringify(cursor)}. Pass the next of the page before.`,
  )
}
