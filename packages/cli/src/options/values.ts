import { parseCursor, type Place } from '@trunkline/core'
import { InvalidArgumentError } from 'commander'

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** `10m`, `36h`, `7d`: a whole number and a unit. In milliseconds. */
export function parseDuration(text: string): number {
  const ms = durationOf(text)
  if (ms !== null) return ms
  throw new InvalidArgumentError('Pass a number and a unit (ms, s, m, h, d, w). Example: 10m')
}

/** A moment: a time, or how long ago. */
export function parseMoment(text: string): Date {
  const moment = momentOf(text)
  if (moment !== null) return moment
  throw new InvalidArgumentError('Pass how long ago, or a time. Examples: 10m, 2026-01-31T12:00:00Z')
}

/** A whole number of events. */
export function parseCount(text: string): number {
  const count = countOf(text)
  if (count !== null && count > 0) return count
  throw new InvalidArgumentError('Pass a whole number above 0. Example: 1000')
}

/** Where to begin to follow. */
export type Since =
  | { readonly kind: 'moment'; readonly moment: Date }
  | { readonly kind: 'cursor'; readonly place: Place }
  /** The newest of those that pass the filter. */
  | { readonly kind: 'count'; readonly count: number }

export function parseSince(text: string): Since {
  const count = countOf(text)
  if (count !== null) return { kind: 'count', count }
  const moment = momentOf(text)
  if (moment !== null) return { kind: 'moment', moment }
  const place = parseCursor(text)
  if (place !== null) return { kind: 'cursor', place }
  throw new InvalidArgumentError(
    'Pass how long ago, a time, how many of the newest, or a cursor. Examples: 10m, 2026-01-31T12:00:00Z, 50, k3x9a2f1.000000000001z.b1b93d',
  )
}

/** JSON, as it is published. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON (${(error as Error).message}). Example: '{"task_id": 123}'`)
  }
}

/** Options that may be given several times. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

function countOf(text: string): number | null {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : null
  return count
}

function momentOf(text: string): Date | null {
  const ms = durationOf(text)
  if (ms !== null) return new Date(Date.now() - ms)
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return null
  // A day alone is one of this place, as a time without a zone is, and not of Greenwich.
  const moment = new Date(text.length === 10 ? `${text}T00:00` : text)
  return Number.isNaN(moment.getTime()) ? null : moment
}

function durationOf(text: string): number | null {
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h|d|w)$/.exec(text) ?? []
  return amount === undefined || unit === undefined ? null : Number(amount) * (unitMs[unit] ?? 0)
}
