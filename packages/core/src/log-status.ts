import type { Log } from './log.ts'
import type { Store } from './ports.ts'
import type { Retention } from './prune.ts'

/** How much is stored, and how much is meant to be. */
export interface LogStatus {
  /** At most so many events are stored: positions that were never used are counted with them. */
  readonly events: number
  /** On disk, with indexes and all; null where the store cannot say. */
  readonly bytes: number | null
  /** When the oldest stored event was created, ISO 8601; null when there is none, or the store cannot say. */
  readonly oldest: string | null
  /** As this process was told. */
  readonly retention: Retention
}

/** Asks the log how much it keeps. */
export async function logStatus(log: Log, store: Store<unknown> | undefined, retention: Retention): Promise<LogStatus> {
  const [{ floor, head }, size] = await Promise.all([log.bounds(), store?.archive?.size?.()])
  return { events: head - floor, bytes: size?.bytes ?? null, oldest: size?.oldest ?? null, retention }
}
