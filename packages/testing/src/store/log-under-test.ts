import type { Archive, LogBounds, LogEvent, NewEvent, Page, Placed, Position, ReadQuery, Store } from '@trunkline/core'

import { check, show } from '../assert.ts'
import { pause } from '../pause.ts'
import { newEvents } from './new-event.ts'

/** A place that append gave: without a transaction it is never null. */
export interface Place extends Pick<Placed, 'id' | 'duplicate'> {
  readonly position: Position
}

/** What a case has in its hands: the log of one deployment, through each of its processes. */
export class LogUnderTest {
  readonly store: Store
  /** Every process of the deployment, that of `store` included. */
  readonly processes: readonly Store[]
  /** Another deployment, with a log of its own, which ends with the case. */
  readonly openAnother: () => Promise<LogUnderTest>
  readonly #signal: AbortSignal

  constructor(processes: readonly [Store, ...Store[]], openAnother: () => Promise<LogUnderTest>, signal: AbortSignal) {
    this.store = processes[0]
    this.processes = processes
    this.openAnother = openAnother
    this.#signal = signal
  }

  /** The process that has its turn. */
  process(turn: number): Store {
    return this.processes[turn % this.processes.length] ?? this.store
  }

  async append(events: readonly NewEvent[], store: Store = this.store): Promise<readonly Place[]> {
    this.#signal.throwIfAborted()
    const placed = await store.append(events, {})
    check(placed.length === events.length, `append: got ${placed.length} places for ${events.length} events.`)
    return placed.map(toPlace)
  }

  /** Appends so many global events and gives their places. */
  fill(count: number): Promise<readonly Place[]> {
    return this.append(newEvents(count))
  }

  bounds(): Promise<LogBounds> {
    return this.store.bounds()
  }

  async read(after: Position, { audience = 'everything', limit = 100 }: Asked = {}, store: Store = this.store): Promise<Page> {
    this.#signal.throwIfAborted()
    const page = await store.read({ after, audience, limit, signal: this.#signal })
    check(page.through >= after, `read: got through ${page.through} for a read after ${after}; it is never below.`)
    check(page.events.length <= limit, `read: got ${page.events.length} events for a limit of ${limit}.`)
    return page
  }

  /** Page after page up to the head. A store may give fewer events than asked for, but each page has to get further. */
  async readAll(asked: Asked = {}, from: Position = 0): Promise<readonly LogEvent[]> {
    const events: LogEvent[] = []
    for (let after = from; ;) {
      const page = await this.read(after, asked)
      events.push(...page.events)
      if (page.through >= page.head) return events
      check(
        page.through > after,
        `read: got through ${page.through} for a read after ${after} and head ${page.head}: the next read would be the same.`,
      )
      after = page.through
    }
  }

  /** Reads what comes, as a tail does, until `done` said yes before a read that reached the head. */
  async follow(done: () => boolean, onHead: (seen: readonly LogEvent[]) => void = () => {}): Promise<readonly LogEvent[]> {
    const seen: LogEvent[] = []
    for (let after = 0, turn = 0; ; turn++) {
      const last = done()
      const page = await this.read(after, { limit: 7 }, this.process(turn))
      seen.push(...page.events)
      after = page.through
      if (after >= page.head) onHead(seen)
      if (last && after >= page.head) return seen
      await pause()
    }
  }

  /** The store's archive; null when it has none, and then its cases have nothing to try. */
  get archive(): Archive | null {
    return this.store.archive ?? null
  }
}

/** What a read asks for; a page of everything unless said otherwise. */
export type Asked = Partial<Pick<ReadQuery, 'audience' | 'limit'>>

function toPlace({ position, id, duplicate }: Placed): Place {
  check(
    position !== null && Number.isSafeInteger(position) && position > 0,
    `append: got position ${show(position)}, wanted a safe integer above 0.`,
  )
  return { position, id, duplicate }
}
