import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { LogUnderTest } from './log-under-test.ts'

/** Where the log begins and ends, and which log it is. */
export const boundsCases: readonly CaseDefinition<LogUnderTest>[] = [
  {
    name: 'a new log is empty and begins at 0',
    must: 'The floor of a log that was never pruned MUST be 0, and the head the floor as long as there is no event.',
    async run(log) {
      const { floor, head } = await log.bounds()
      same('bounds of a new log', { floor, head }, { floor: 0, head: 0 })
      const page = await log.read(0)
      same('page of a new log', { ...page, epoch: '' }, { events: [], through: 0, floor: 0, head: 0, tag: null, epoch: '' })
    },
  },
  {
    name: 'the head is the newest event',
    must: 'The head MUST be the position of the newest event, and the floor stay where it is while nothing is pruned.',
    async run(log) {
      for (const count of [1, 3, 2]) {
        const head = (await log.fill(count)).at(-1)?.position
        const bounds = await log.bounds()
        same('bounds after append', { floor: bounds.floor, head: bounds.head }, { floor: 0, head })
      }
    },
  },
  {
    name: 'a page carries the bounds of the log',
    must: 'A page MUST carry epoch, floor and head, for every audience and from every place.',
    async run(log) {
      await log.fill(4)
      await log.store.prune({ keep: 2, limit: 10 })
      const { epoch, floor, head } = await log.bounds()
      for (const audience of ['everything', { userId: 'nobody', channels: [] }] as const) {
        for (const after of [0, floor, head]) {
          const page = await log.read(after, { audience, limit: 1 })
          same(
            `bounds in the page after ${after}`,
            { epoch: page.epoch, floor: page.floor, head: page.head },
            { epoch, floor, head },
          )
        }
      }
    },
  },
  {
    name: 'a log has an epoch of its own that stays',
    must: 'The epoch MUST be 1 to 32 characters of [A-Za-z0-9_-], the same as long as the log lives and another one for another log.',
    async run(log) {
      const { epoch } = await log.bounds()
      check(/^[A-Za-z0-9_-]{1,32}$/.test(epoch), `epoch: got "${epoch}", wanted 1 to 32 characters of [A-Za-z0-9_-].`)
      await log.fill(3)
      await log.store.prune({ keep: 0, limit: 10 })
      for (const store of log.processes) {
        same('epoch, asked again', (await store.bounds()).epoch, epoch)
      }
      const another = await (await log.openAnother()).bounds()
      check(another.epoch !== epoch, `epoch: two logs are both called "${epoch}".`)
    },
  },
]
