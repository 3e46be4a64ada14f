import { positionOf } from './cursors.ts'
import { type Detail, text } from './items.ts'

/** Whom a witness connects as. */
export interface Identity {
  readonly name: string
  readonly userId: string | null
  readonly channels?: readonly string[]
}

/** An event as it was seen. */
export interface Seen {
  readonly name: string
  readonly position: number
  readonly at: number
}

/** What was seen from one place on. A reset begins the next one. */
export interface Stretch {
  readonly since: number
  readonly seen: Seen[]
}

/** What a witness notes. */
export class Notes {
  readonly name: string
  /** The log's words for whom it may hear. */
  readonly audiences: ReadonlySet<string>
  readonly stretches: Stretch[] = []
  /** Reasons. */
  readonly resets: string[] = []
  /** What should never happen to it: answers it has no business with, details that were spoiled. */
  readonly troubles: string[] = []
  /** How many events it has taken for new. */
  count = 0
  /** It has not read all the time, so when it saw things says nothing. */
  wasAway = false
  readonly #sinceReset = new Set<string>()

  constructor({ name, userId, channels = [] }: Identity) {
    this.name = name
    this.audiences = new Set(['g', ...(userId === null ? [] : [`u:${userId}`]), ...channels.map((channel) => `c:${channel}`)])
  }

  /** Whether it has a place in the log: from then on it misses nothing. */
  get isPlaced(): boolean {
    return this.stretches.length > 0
  }

  /** Whether it has seen an event since its last reset. */
  has(name: string): boolean {
    return this.#sinceReset.has(name)
  }

  /** The place it starts from, the first time it is told one. */
  start(cursor: string): void {
    if (!this.isPlaced) this.stretches.push({ since: positionOf(cursor), seen: [] })
  }

  reset(reason: string, cursor: string | undefined): void {
    this.resets.push(reason)
    // What is missing from there on could not be told.
    if (cursor === undefined) this.troubles.push(`a reset (${reason}) without a place`)
    this.stretches.push({ since: positionOf(cursor), seen: [] })
    this.#sinceReset.clear()
  }

  see(detail: Detail, cursor: string): void {
    this.count++
    if (detail.text !== text) this.troubles.push(`spoiled: ${JSON.stringify(detail.text)}`)
    this.#sinceReset.add(detail.name)
    this.stretches.at(-1)?.seen.push({ name: detail.name, position: positionOf(cursor), at: performance.now() })
  }
}
