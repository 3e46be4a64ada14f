import type { Arrivals } from './arrivals.ts'
import { type Arrived, explainMissing, explainUnwanted, type Knowledge, type View } from './explain.ts'
import { hasKey, mismatch, type Wanted } from './match.ts'
import type { ExpectOptions } from './types.ts'

/** Expectations of what arrives at one place, without the types of its events. */
export interface UntypedExpectations {
  readonly events: readonly Arrived[]
  expectEvent(key: string, match?: unknown, options?: ExpectOptions): Promise<Arrived>
  expectNoEvent(key: string, match?: unknown, options?: ExpectOptions): Promise<void>
}

/** Where it arrives, and how that is spoken of. */
export interface Place extends Pick<View, 'who' | 'whyNot' | 'ended'> {
  readonly arrivals: Arrivals<Arrived>
}

export function expectationsOf({ arrivals, ...rest }: Place, knowledge: Knowledge): UntypedExpectations {
  const view: View = { ...rest, events: arrivals.events, isTaken: (event) => arrivals.isTaken(event) }
  const take = (wanted: Wanted, withinMs: number): Promise<Arrived | null> =>
    arrivals.take((event) => hasKey(event, wanted.key) && mismatch(event, wanted) === null, withinMs)
  return {
    events: arrivals.events,
    async expectEvent(key, match, { within = 2_000 } = {}) {
      const wanted = { key, match }
      const event = await take(wanted, within)
      if (event === null) throw new Error(explainMissing(wanted, within, view, knowledge))
      return event
    },
    async expectNoEvent(key, match, { within = 50 } = {}) {
      const wanted = { key, match }
      const event = await take(wanted, within)
      if (event !== null) throw new Error(explainUnwanted(event, wanted, view))
    },
  }
}
