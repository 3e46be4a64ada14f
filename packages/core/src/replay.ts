import { TrunklineError } from './errors.ts'
import type { Archive, EventFilter, LogEvent, NewEvent, Position } from './ports.ts'

const batch = 500

/** The event as it goes into the log once more: the same id and content, a new place. */
export function again(event: LogEvent): NewEvent {
  // The key has done its work; with it the repeat would be taken for a duplicate.
  return { ...event, idempotencyKey: null }
}

/**
 * The stored events of a filter, oldest first, in bounded batches. find() gives the newest first, so it is walked twice: once to
 * remember where each batch begins (one number per batch), and once backwards. What is published meanwhile is not part of it.
 */
export async function* oldestFirst(archive: Archive, filter: EventFilter): AsyncGenerator<readonly LogEvent[], void, undefined> {
  if (filter.text !== undefined)
    throw new TrunklineError('invalid_filter', 'replayMany cannot look for text: it would stop at the newest 50,000 events.')
  const starts: Position[] = []
  for (let before: Position | undefined, more = true; more;) {
    const { events } = await archive.find({ ...filter, limit: batch, ...(before === undefined ? {} : { before }) })
    const [newest] = events
    if (newest !== undefined) starts.push(newest.position + 1)
    before = events.at(-1)?.position
    more = events.length === batch
  }
  for (const before of starts.toReversed()) {
    const { events } = await archive.find({ ...filter, limit: batch, before })
    yield events.toReversed()
  }
}
