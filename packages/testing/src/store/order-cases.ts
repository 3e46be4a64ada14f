import type { LogEvent } from '@trunkline/core'

import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import { pause } from '../pause.ts'
import type { LogUnderTest, Place } from './log-under-test.ts'
import { newEvents } from './new-event.ts'

const writers = 8
const calls = 12

/** Several calls of append at the same time. */
export const orderCases: readonly CaseDefinition<LogUnderTest>[] = [
  {
    name: 'a follower misses nothing while eight writers append',
    must: 'Positions MUST follow commit order: who has seen position p has seen every position below p that will ever exist.',
    async run(log) {
      let writing = true
      const work = Promise.all(Array.from({ length: writers }, (_, writer) => write(log, writer))).finally(() => {
        writing = false
      })
      const [placed, seen] = await Promise.all([work, log.follow(() => !writing)])
      checkFollowed(seen, placed.flat())
    },
  },
  {
    name: 'the events of one call keep their order while others append',
    must: 'append MUST place the events of a call in their order, also when others append at the same time; each gets the place it is told.',
    async run(log) {
      const events = newEvents(writers * 6)
      const placed = await Promise.all(
        Array.from({ length: writers }, (_, writer) => log.append(events.slice(writer * 6, writer * 6 + 6), log.process(writer))),
      )
      const places = new Map((await log.readAll()).map(({ id, position }) => [id, position]))
      for (const call of placed) {
        call.reduce((before, place) => {
          check(
            place.position > before.position,
            `append: within one call position ${place.position} came after ${before.position}.`,
          )
          return place
        })
        for (const { id, position } of call) same(`append: the position it told of ${id}`, position, places.get(id))
      }
    },
  },
]

async function write(log: LogUnderTest, writer: number): Promise<readonly Place[]> {
  const placed: Place[] = []
  for (let call = 0; call < calls; call++) {
    placed.push(...(await log.append(newEvents(1 + ((writer + call) % 3)), log.process(writer))))
    await pause()
  }
  return placed
}

function checkFollowed(seen: readonly LogEvent[], placed: readonly Place[]): void {
  for (const [index, event] of seen.entries()) {
    const before = seen[index - 1]?.position ?? 0
    check(event.position > before, `read by place: position ${event.position} came after ${before}.`)
  }
  const positions = new Set(seen.map(({ position }) => position))
  const missed = placed.filter(({ position }) => !positions.has(position))
  check(
    missed.length === 0,
    `read by place: ${missed.length} of ${placed.length} events were never seen, the first at position ${missed[0]?.position}.`,
  )
  same('read by place: events', seen.length, placed.length)
  const wanted = placed.toSorted((a, b) => a.position - b.position).map(({ id }) => id)
  same(
    'read by place: ids in the order of their places',
    seen.map(({ id }) => id),
    wanted,
  )
}
