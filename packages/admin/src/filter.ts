import type { EventFilter, Scope } from '@trunkline/core'

import type { Params } from './link.ts'

/** The scopes there are, in the order in which they are offered. */
export const scopes: readonly Scope[] = ['user', 'channel', 'global', 'system']

/** What can be filtered by: the names in the address. */
export type FilterField = 'type' | 'scope' | 'user' | 'channel' | 'entity' | 'after' | 'before' | 'text'

const fields: readonly FilterField[] = ['type', 'scope', 'user', 'channel', 'entity', 'after', 'before', 'text']

/** Longer than any name can be. */
const maxLength = 1_000

/** A filter as an address has it. */
export interface AskedFilter {
  /** What was asked for, as it was written; without what is empty. The address of the same filter. */
  readonly asked: Readonly<Partial<Record<FilterField, string>>>
  /** What is wrong with it. */
  readonly problems: Readonly<Partial<Record<FilterField, string>>>
  /** For `find`. Of a field with a problem nothing is in it. */
  readonly filter: EventFilter
}

/** Reads a filter from an address, or from the form that has it. */
export function readFilter(query: URLSearchParams): AskedFilter {
  const asked: Partial<Record<FilterField, string>> = {}
  for (const field of fields) {
    const value = query.get(field)?.trim()
    if (value !== undefined && value !== '') asked[field] = value
  }
  const problems: Partial<Record<FilterField, string>> = {}
  for (const field of fields) {
    if ((asked[field]?.length ?? 0) > maxLength) problems[field] = `At most ${maxLength} characters can be looked for.`
    if (asked[field]?.includes('\0') === true) problems[field] = 'No event has a NUL character in it.'
  }
  const { type, scope, user, channel, entity, after, before, text } = asked
  const time = (field: 'after' | 'before', value: string | undefined): Date | null => {
    const date = value === undefined ? null : parseTime(value)
    if (date === null && value !== undefined) problems[field] = 'A time in UTC is needed, as in 2026-01-31T12:00.'
    return date
  }
  const createdAfter = time('after', after)
  const createdBefore = time('before', before)
  const isScope = scope === undefined || scopes.includes(scope as Scope)
  if (!isScope) problems.scope = `A scope is ${scopes.join(', ')}.`
  const filter: EventFilter = {
    ...(type !== undefined && { type }),
    ...(isScope && scope !== undefined && { scope: scope as Scope }),
    ...(user !== undefined && { userId: user }),
    ...(channel !== undefined && { channel }),
    ...(entity !== undefined && { entityId: entity }),
    ...(createdAfter !== null && { createdAfter }),
    ...(createdBefore !== null && { createdBefore }),
    ...(text !== undefined && { text }),
  }
  return { asked, problems, filter }
}

/** Whether nothing is filtered out. */
export function isEverything({ asked }: AskedFilter): boolean {
  return Object.keys(asked).length === 0
}

/** The filter in words, as in `type is greeting, user is 7`. */
export function describeFilter({ asked }: AskedFilter): string {
  const words: Record<FilterField, (value: string) => string> = {
    type: (value) => `type is ${value}`,
    scope: (value) => `scope is ${value}`,
    user: (value) => `user is ${value}`,
    channel: (value) => `channel is ${value}`,
    entity: (value) => `entity is ${value}`,
    after: (value) => `created after ${value}`,
    before: (value) => `created before ${value}`,
    text: (value) => `the detail has “${value}”`,
  }
  return fields.flatMap((field) => (asked[field] === undefined ? [] : [words[field](asked[field])])).join(', ')
}

/** The filter as a link carries it. */
export function paramsOf({ asked }: AskedFilter): Params {
  return asked
}

/** What datetime-local gives, or an ISO time: in UTC unless it says otherwise. */
function parseTime(value: string): Date | null {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(value)
  if (match === null) return null
  const [, day, clock = '00:00', zone = 'Z'] = match
  const date = new Date(`${day}T${clock}${zone}`)
  return Number.isNaN(date.getTime()) ? null : date
}
