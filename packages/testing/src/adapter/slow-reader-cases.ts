import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { AdapterUnderTest } from './adapter-under-test.ts'

const eventCount = 5_000
// Together more than sockets take by themselves: 4 MB was seen on one, 10 MB with a proxy between two.
const padding = 'x'.repeat(4_000)
const publishedBytes = eventCount * padding.length

/** Clients that do not read. */
export const slowReaderCases: readonly CaseDefinition<AdapterUnderTest>[] = [
  {
    name: 'a client that never reads costs a bounded number of bytes and slows nobody',
    must: 'An adapter MUST NOT take the next chunk before the last one was written: what it takes, it holds.',
    async run(adapter) {
      const site = await adapter.open()
      const neighbour = await site.stream()
      await neighbour.untilNamed('connected')
      // Those of the neighbour are known: it gets everything.
      const lazy = await site.stream()
      await site.connections(2)
      let mostQueued = 0
      const read = neighbour.untilEvents(eventCount)
      for (let number = 0; number < eventCount; number += 100) {
        await site.trunkline.publishMany(
          Array.from({ length: 100 }, (_, index) => ({
            scope: 'global',
            type: 'page',
            detail: { number: number + index, padding },
          })),
        )
        mostQueued = Math.max(mostQueued, site.trunkline.stats().queuedBytes)
      }
      same('numbers that the neighbour got', numbersOf((await read).details), numbers)
      check(mostQueued < 1_500_000, `queuedBytes: got ${mostQueued} while one client did not read.`)
      const extra = site.watch.takenBytes - neighbour.bytes
      check(
        extra < publishedBytes * 0.75,
        `bytes taken for a client that does not read: got ${extra} of ${publishedBytes}; sockets hold less.`,
      )
      same('numbers that the client got in the end', numbersOf((await lazy.untilEvents(eventCount)).details), numbers)
      site.reported()
    },
  },
]

const numbers = Array.from({ length: eventCount }, (_, number) => number)

function numbersOf(details: readonly unknown[]): readonly number[] {
  return (details as readonly { readonly number: number; readonly padding: string }[]).map((detail) =>
    detail.padding.length === padding.length ? detail.number : Number.NaN,
  )
}
