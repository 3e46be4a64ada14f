import type { TrunklineEvent } from '../event/event.ts'
import { joinBytes } from '../event/text.ts'
import type { NewEvent, Position } from '../ports.ts'
import type { Dialect } from '../wire/dialect.ts'
import { encodeFrame } from '../wire/frame.ts'

/**
 * An event as this process delivers it. Encoded once per dialect, and the bytes are shared by all who get it. Who may get it is
 * read from what was published (`source`), never from what a hook made of it.
 */
export class Entry {
  readonly event: TrunklineEvent
  readonly detailJson: string
  readonly source: NewEvent
  /** Its own position, or the position of the stored event before it when it is not stored. */
  readonly position: Position
  readonly stored: boolean
  readonly #encoded = new Map<Dialect, Uint8Array>()

  constructor(event: TrunklineEvent, detailJson: string, source: NewEvent, position: Position, stored: boolean) {
    this.event = event
    this.detailJson = detailJson
    this.source = source
    this.position = position
    this.stored = stored
  }

  /** A hook may have made something else of a text. */
  get #isRaw(): boolean {
    return this.source.raw && typeof this.event.detail === 'string'
  }

  bytes(dialect: Dialect): Uint8Array {
    let bytes = this.#encoded.get(dialect)
    if (bytes === undefined) {
      bytes = encodeFrame(dialect.event(this.event, this.detailJson, this.#isRaw))
      this.#encoded.set(dialect, bytes)
    }
    return bytes
  }
}

/** The cursor of the last of these that is stored; undefined when none is. */
export function lastCursor(entries: readonly Entry[]): string | undefined {
  return entries.findLast(({ stored }) => stored)?.event.cursor
}

/**
 * Entries in a row. Connections that get the same entries out of one batch are led to the same run, so that the bytes are joined
 * once for all of them.
 */
export class Run {
  readonly entries: readonly Entry[]
  /** The last one; undefined when none of them is stored. */
  readonly cursor: string | undefined
  readonly #longer = new Map<Entry, Run>()
  readonly #joined = new Map<Dialect, Uint8Array>()

  constructor(entries: readonly Entry[]) {
    this.entries = entries
    this.cursor = lastCursor(entries)
  }

  with(entry: Entry): Run {
    let run = this.#longer.get(entry)
    if (run === undefined) {
      run = new Run([...this.entries, entry])
      this.#longer.set(entry, run)
    }
    return run
  }

  bytes(dialect: Dialect): Uint8Array {
    if (this.entries.length === 1) return (this.entries[0] as Entry).bytes(dialect)
    let bytes = this.#joined.get(dialect)
    if (bytes === undefined) {
      bytes = joinBytes(this.entries.map((entry) => entry.bytes(dialect)))
      this.#joined.set(dialect, bytes)
    }
    return bytes
  }
}
