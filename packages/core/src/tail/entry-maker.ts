import { isOwn } from '../control.ts'
import { formatCursor } from '../cursor.ts'
import type { HookEvent } from '../event/event.ts'
import { placeOf, readEvent } from '../event/read-event.ts'
import { type HookOutcome, isThenable, type MaybePromise, transform } from '../hooks.ts'
import type { LogEvent, NewEvent, Position } from '../ports.ts'
import type { Report } from '../report.ts'
import { Entry } from './entry.ts'

/** What turns events into entries: decodes each once, and asks `onReceive`. */
export interface EntryMakerOptions {
  readonly onReceive: ((event: HookEvent) => HookOutcome) | undefined
  readonly hookTimeoutMs: number
  readonly report: Report
}

/**
 * Makes entries of events, whether they came live or were read back for a client that resumes. An event that `onReceive` drops, or
 * that cannot be read, makes none. Stays synchronous as long as `onReceive` does.
 */
export class EntryMaker {
  readonly #options: EntryMakerOptions

  constructor(options: EntryMakerOptions) {
    this.#options = options
  }

  stored(events: readonly LogEvent[], epoch: string): MaybePromise<readonly Entry[]> {
    return this.#received(events.flatMap((event) => this.#read(event, formatCursor(placeOf(event, epoch)), event.position)))
  }

  live(events: readonly NewEvent[], position: Position): MaybePromise<readonly Entry[]> {
    return this.#received(events.flatMap((event) => this.#read(event, undefined, position)))
  }

  #read(source: NewEvent, cursor: string | undefined, position: Position): readonly Entry[] {
    try {
      const detailJson = source.raw ? JSON.stringify(source.body) : source.body
      return [new Entry(readEvent(source, cursor), detailJson, source, position, cursor !== undefined)]
    } catch (error) {
      // A row that somebody wrote past Trunkline: it must not stop the ones behind it.
      this.#options.report(error, { stage: 'tail', eventId: source.id })
      return []
    }
  }

  #received(entries: readonly Entry[]): MaybePromise<readonly Entry[]> {
    const { onReceive, hookTimeoutMs, report } = this.#options
    if (onReceive === undefined) return entries
    const guard = { stage: 'onReceive', timeoutMs: hookTimeoutMs, report } as const
    const results = inTurn(entries, (entry) => (isOwn(entry.source) ? entry : transform(entry, onReceive, guard)))
    return isThenable(results) ? results.then(kept) : kept(results)
  }
}

/** Each item's result, one after the other, without waiting where there is nothing to wait for. */
function inTurn<T, R>(items: readonly T[], work: (item: T) => MaybePromise<R>): MaybePromise<readonly R[]> {
  const results: R[] = []
  const from = (index: number): MaybePromise<readonly R[]> => {
    for (let i = index; i < items.length; i++) {
      const result = work(items[i] as T)
      if (isThenable(result)) {
        return result.then((value) => {
          results.push(value)
          return from(i + 1)
        })
      }
      results.push(result)
    }
    return results
  }
  return from(0)
}

function kept(entries: readonly (Entry | null)[]): readonly Entry[] {
  return entries.filter((entry) => entry !== null)
}
