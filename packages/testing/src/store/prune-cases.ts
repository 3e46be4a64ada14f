import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import { pause } from '../pause.ts'
import type { LogUnderTest } from './log-under-test.ts'
import { idsOf, newEvent, newEvents } from './new-event.ts'

const hour = 3_600_000
const longAgo = new Date(0).toISOString()

/** Deleting the oldest events. */
export const pruneCases: readonly CaseDefinition<LogUnderTest>[] = [
  {
    name: 'prune by count keeps the newest events',
    must: 'prune({ keep }) MUST delete the oldest events but for the newest `keep`, and resolve with how many went.',
    async run(log) {
      const placed = await log.fill(7)
      same('prune({ keep: 3 })', await log.store.prune({ keep: 3, limit: 100 }), 4)
      same('read after prune({ keep: 3 }): ids', idsOf(await log.readAll()), idsOf(placed.slice(4)))
      same('prune({ keep: 0 })', await log.store.prune({ keep: 0, limit: 100 }), 3)
      same('read after prune({ keep: 0 }): ids', idsOf(await log.readAll()), [])
    },
  },
  {
    name: 'prune by age deletes what was created before',
    must: 'prune({ before }) MUST delete the events created before that time, and no other.',
    async run(log) {
      await log.append(newEvents(3))
      await pause(20)
      const young = newEvents(2)
      await log.append(young)
      // The time as the store tells it: it may have set it by its own clock.
      const before = (await log.readAll()).at(-2)?.createdAt ?? ''
      same('prune({ before })', await log.store.prune({ before, limit: 100 }), 3)
      same('read after prune({ before }): ids', idsOf(await log.readAll()), idsOf(young))
    },
  },
  {
    name: 'prune deletes a prefix, whatever the clocks said',
    must: 'prune MUST delete a prefix of the log: an old event behind a young one stays, or a reader would miss it without being told.',
    async run(log) {
      const old = new Date(Date.now() - 2 * hour).toISOString()
      const events = [newEvent({ createdAt: old }), newEvent(), newEvent({ createdAt: old }), newEvent()]
      await log.append(events)
      const gone = await log.store.prune({ before: new Date(Date.now() - hour).toISOString(), limit: 100 })
      check(gone <= 1, `prune by age: ${gone} events went, though the second one is young.`)
      same('read after prune by age: ids', idsOf(await log.readAll()), idsOf(events.slice(gone)))
    },
  },
  {
    name: 'prune deletes what either bound says',
    must: 'prune({ before, keep }) MUST delete what is too old and what is too many: each bound is enough.',
    async run(log) {
      const placed = await log.fill(5)
      same('prune, by count', await log.store.prune({ before: longAgo, keep: 3, limit: 100 }), 2)
      same('read after prune by count: ids', idsOf(await log.readAll()), idsOf(placed.slice(2)))
      same(
        'prune, by age',
        await log.store.prune({ before: new Date(Date.now() + hour).toISOString(), keep: 100, limit: 100 }),
        3,
      )
    },
  },
  {
    name: 'prune deletes at most as many events as its limit',
    must: 'prune MUST delete at most `limit` events, and that many as long as there are: core goes on until fewer went.',
    async run(log) {
      const placed = await log.fill(23)
      for (const wanted of [10, 10, 1, 0]) {
        same('prune({ keep: 2, limit: 10 })', await log.store.prune({ keep: 2, limit: 10 }), wanted)
      }
      same('read after prune: ids', idsOf(await log.readAll()), idsOf(placed.slice(21)))
    },
  },
  {
    name: 'prune deletes nothing while nothing is over',
    must: 'prune MUST leave a log alone that is within its bounds, and an empty one.',
    async run(log) {
      same(
        'prune of an empty log',
        await log.store.prune({ before: new Date(Date.now() + hour).toISOString(), keep: 0, limit: 10 }),
        0,
      )
      same('floor of an empty log', (await log.bounds()).floor, 0)
      const placed = await log.fill(3)
      same('prune, by count', await log.store.prune({ keep: 3, limit: 10 }), 0)
      same('prune, by age', await log.store.prune({ before: longAgo, limit: 10 }), 0)
      same('floor after nothing was pruned', (await log.bounds()).floor, 0)
      same('read: ids', idsOf(await log.readAll()), idsOf(placed))
    },
  },
  {
    name: 'prune moves the floor to the last event that went',
    must: 'prune MUST move the floor with what it deletes; who stands below it learns so from the page, and events keep their places.',
    async run(log) {
      const placed = await log.fill(5)
      await log.store.prune({ keep: 3, limit: 10 })
      const page = await log.read(0)
      same(
        'bounds after prune',
        { floor: page.floor, head: page.head },
        { floor: placed[1]?.position, head: placed[4]?.position },
      )
      const places = page.events.map(({ id, position }) => ({ id, position }))
      same(
        'places after prune',
        places,
        placed.slice(2).map(({ id, position }) => ({ id, position })),
      )
    },
  },
  {
    name: 'a log that was pruned whole goes on where it was',
    must: 'When everything was pruned the head MUST be the floor, and a position that was given MUST NOT be given again.',
    async run(log) {
      const last = (await log.fill(4)).at(-1)?.position ?? 0
      await log.store.prune({ keep: 0, limit: 10 })
      const { floor, head } = await log.bounds()
      same('bounds after everything was pruned', { floor, head }, { floor: last, head: last })
      const [next] = await log.fill(1)
      check((next?.position ?? 0) > last, `append: got position ${next?.position} after ${last} had been pruned.`)
      same('read from the floor: ids', idsOf(await log.readAll({}, last)), [next?.id])
    },
  },
]
