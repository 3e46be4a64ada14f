import type { AskedFilter } from './filter.ts'
import type { Visit } from './page.ts'
import { events, number } from './show.ts'

/** Beyond it nobody counts. */
const most = 10_000
/** A page does not wait longer for a number that it can do without. */
const patienceMs = 1_000

/** How many events a filter has: `'many'` are more than 10,000, null is what cannot be said. */
export type Count = number | 'many' | null

/** Counts as far as that is cheap. A text cannot be counted: it would have to be looked for in everything. */
export async function countOf({ door }: Visit, { filter }: AskedFilter): Promise<Count> {
  if (filter.text !== undefined) return null
  const { promise: impatience, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), patienceMs)
  // A store that is too slow to count still has its events shown.
  const counting = door.count(filter, most + 1).catch(() => null)
  const count = await Promise.race([counting, impatience])
  clearTimeout(timer)
  return count !== null && count > most ? 'many' : count
}

/** The count in words. */
export function sayCount(count: Count): string | null {
  return count === null ? null : count === 'many' ? `more than ${number(most)} events` : events(count)
}
