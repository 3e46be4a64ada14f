import { setTimeout as sleep } from 'node:timers/promises'
import { hasCode, type LogEvent, lostBy, type Loss, type Page, type Place, placeOf } from '@trunkline/core'
import type { PostgresBackend } from '@trunkline/postgres'

import { placeAt } from './start.ts'

/** What there is to say. */
export type News =
  | { readonly kind: 'events'; readonly epoch: string; readonly events: readonly LogEvent[] }
  /** The database cannot be reached; said once. */
  | { readonly kind: 'outage'; readonly message: string }
  | { readonly kind: 'back' }
  | { readonly kind: 'lost'; readonly reason: Loss }

/** How to follow. */
export interface FollowOptions {
  /** Whether to wait for more at the end of the log. */
  readonly isEndless: boolean
  readonly signal: AbortSignal
}

const pageSize = 500
const everyMs = 250
const maxPauseMs = 5_000

/**
 * Follows the log by reading it, and by nothing else. What listens also moves what waits in the outbox and takes a connection for itself;
 * a look at the primary key, four times a second, does neither, and works through every pooler.
 */
export async function* follow(
  log: PostgresBackend['store'],
  start: Place,
  { isEndless, signal }: FollowOptions,
): AsyncGenerator<News, void, undefined> {
  let place = start
  for (let failures = 0; !signal.aborted;) {
    try {
      const page = await log.read({ after: place.position, audience: 'everything', limit: pageSize, signal })
      if (failures > 0) yield { kind: 'back' }
      failures = 0
      const reason = lostBy(page, place)
      if (reason !== null) {
        place = await placeAt(log, reason === 'pruned' ? page.floor : page.head)
        yield { kind: 'lost', reason }
        continue
      }
      if (page.events.length > 0) yield { kind: 'events', epoch: page.epoch, events: page.events }
      place = placeAfter(page, place)
      if (page.through < page.head) continue
      if (!isEndless) return
      await pause(everyMs, signal)
    } catch (error) {
      if (signal.aborted) return
      if (!hasCode(error, 'store_unavailable')) throw error
      // Once per outage: the next attempts fail for the same reason.
      if (failures === 0) yield { kind: 'outage', message: (error as Error).message }
      await pause(Math.min(maxPauseMs, everyMs * 2 ** failures++), signal)
    }
  }
}

function placeAfter({ epoch, events }: Page, before: Place): Place {
  const last = events.at(-1)
  return last === undefined ? before : placeOf(last, epoch)
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {
    // Interrupted: whoever waits looks at the signal.
  })
}
