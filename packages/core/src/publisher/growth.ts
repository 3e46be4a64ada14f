import type { LogEvent, NewEvent, Placed } from '../ports.ts'
import type { Growth } from '../tail/own-growth.ts'

/** What an append added to the log, said as a signal says it; null when the store does not say all of it, or nothing was added. */
export function growthBy(events: readonly NewEvent[], placed: readonly Placed[]): Growth | null {
  const added: LogEvent[] = []
  let from: Placed | undefined
  for (const [index, place] of placed.entries()) {
    const { position, duplicate, after, createdAt } = place
    if (duplicate === true) continue
    const source = events[index]
    if (source === undefined || position === null || after === undefined || createdAt === undefined) return null
    from ??= place
    // Somebody else's event stands between two of these.
    if (added.length > 0 && added.at(-1)?.position !== after) return null
    // Without what never travels by a signal either.
    added.push({ ...source, position, createdAt, privateData: null, idempotencyKey: null })
  }
  if (from?.after === undefined || from.epoch === undefined) return null
  return { kind: 'log', epoch: from.epoch, after: from.after, last: added.at(-1)?.position ?? from.after, events: added }
}
