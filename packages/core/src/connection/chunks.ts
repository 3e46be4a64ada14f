import type { HookEvent } from '../event/event.ts'
import { joinBytes } from '../event/text.ts'
import { type HookOutcome, isThenable, type MaybePromise, transform } from '../hooks.ts'
import type { Entry } from '../tail/entry.ts'
import type { Dialect } from '../wire/dialect.ts'
import type { House } from './house.ts'

/** How many characters of details go into one chunk, and one event: what a client that stops reading can cost. */
export const maxChunkLength: number = 256 * 1_024

/** How many events go into one chunk: what frames cost besides details is bounded by it. */
export const maxChunkEvents: number = 500

/** What is handed out at once. */
export interface Chunk {
  /** Null when the hook let nothing pass. */
  readonly bytes: Uint8Array | null
  /** What is in it. */
  readonly sent: readonly Entry[]
  /** How many of the entries it was made of, from the first on. The others did not fit. */
  readonly taken: number
}

/** How one client's chunks are made. */
export interface ChunkSetup {
  readonly dialect: Dialect
  /** `beforeSend` with this connection's request and audience. */
  readonly beforeSend: ((event: HookEvent) => HookOutcome) | undefined
}

/**
 * Makes chunks of entries for one client: as many as fit, counted after the hook, because a hook can make much of little. Without
 * a hook the bytes of an entry are shared with everyone else; with one, each event goes through it on its own copy. Stays
 * synchronous as long as the hook does.
 */
export function makeChunk(entries: readonly Entry[], setup: ChunkSetup, house: House): MaybePromise<Chunk> {
  const { dialect, beforeSend } = setup
  const { hookTimeoutMs, report, counters } = house
  const guard = { stage: 'beforeSend', timeoutMs: hookTimeoutMs, report } as const
  const sent: Entry[] = []
  let taken = 0
  let length = 0
  const isFull = (): boolean => sent.length >= maxChunkEvents || length >= maxChunkLength
  const add = (entry: Entry | null): void => {
    if (entry === null) {
      counters.dropped++
      return
    }
    length += entry.detailJson.length
    sent.push(entry)
  }
  const fill = (): MaybePromise<Chunk> => {
    while (taken < entries.length && !isFull()) {
      const entry = entries[taken++] as Entry
      const passed = beforeSend === undefined ? entry : transform(entry, beforeSend, guard)
      if (isThenable(passed)) return passed.then(add).then(fill)
      add(passed)
    }
    return { bytes: sent.length === 0 ? null : joinBytes(sent.map((entry) => entry.bytes(dialect))), sent, taken }
  }
  return fill()
}
