import type { Page, Position } from '@trunkline/core'

import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import { pause } from '../pause.ts'
import type { LogUnderTest, Place } from './log-under-test.ts'
import { idsOf } from './new-event.ts'

/** Deleting while others read, write and delete. */
export const pruneRaceCases: readonly CaseDefinition<LogUnderTest>[] = [
  {
    name: 'prune by several callers at once deletes no more than by one',
    must: 'prune MUST be safe to call from several processes at once: together they delete what one would, and count it once.',
    async run(log) {
      const placed = await log.fill(60)
      const keep = 10
      let counted = 0
      for (let round = 0; counted < placed.length - keep; round++) {
        check(
          round < placed.length,
          `prune from four callers: after ${round} rounds ${counted} of ${placed.length - keep} events had gone.`,
        )
        const gone = await Promise.all([0, 1, 2, 3].map((turn) => log.process(turn).prune({ keep, limit: 7 })))
        counted += gone.reduce((sum, count) => sum + count, 0)
      }
      same('prune from four callers: events counted', counted, placed.length - keep)
      same('read afterwards: ids', idsOf(await log.readAll()), idsOf(placed.slice(-keep)))
      same('floor afterwards', (await log.bounds()).floor, placed.at(-keep - 1)?.position)
    },
  },
  {
    name: 'a reader is never shown a gap while the log is pruned',
    must: 'read MUST give events and bounds as of the same instant: what is missing after `after` lies below the floor of the same page.',
    async run(log) {
      const placed = await log.fill(120)
      let pruning = true
      const work = pruneBitByBit(log, placed.length).finally(() => {
        pruning = false
      })
      await Promise.all([work, ...[0, 1, 2, 3].map((turn) => readOn(log, turn, placed, () => pruning))])
    },
  },
]

async function pruneBitByBit(log: LogUnderTest, count: number): Promise<void> {
  for (let keep = count; keep >= 0; keep -= 3) {
    await log.process(keep).prune({ keep, limit: 10 })
    await pause()
  }
}

/** Reads around the edge that prune moves. */
async function readOn(log: LogUnderTest, turn: number, placed: readonly Place[], goOn: () => boolean): Promise<void> {
  let after: Position = 0
  while (goOn()) {
    const page = await log.read(after, { audience: { userId: null, channels: [] }, limit: 5 }, log.process(turn))
    checkPage(page, after, placed)
    after = page.floor
    await pause()
  }
}

function checkPage({ events, floor, through }: Page, after: Position, placed: readonly Place[]): void {
  // Who stood below the floor is told so, and has missed something.
  const from = Math.max(after, floor)
  const wanted = placed.filter(({ position }) => position > from && position <= through)
  const [first] = wanted
  const isThere = first === undefined || events.some(({ id }) => id === first.id)
  check(isThere, `read after ${after}: the event at ${first?.position} is missing, though the page's floor is ${floor}.`)
  same(`read after ${after}: ids`, idsOf(events), idsOf(wanted))
}
