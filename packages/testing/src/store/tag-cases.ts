import type { Page, Position } from '@trunkline/core'

import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { LogUnderTest } from './log-under-test.ts'
import { channelEvent, newEvent, systemEvent, tagOf, userEvent } from './new-event.ts'

const audiences = ['everything', { userId: 'me', channels: [] }, { userId: null, channels: [] }] as const

/** By the tag core finds out that another event stands where a client's cursor says. */
export const tagCases: readonly CaseDefinition<LogUnderTest>[] = [
  {
    name: 'a page has the tag of the event it begins at',
    must: 'tag MUST be the last 6 characters of the id of the event at `after`, whether or not the audience may see that event.',
    async run(log) {
      const events = [newEvent(), userEvent('other'), systemEvent(), channelEvent('theirs'), userEvent('me')]
      const placed = await log.append(events)
      for (const { id, position } of placed) {
        for (const { tag } of await pagesAt(log, position)) same(`tag at the place of event ${id}`, tag, tagOf({ id }))
      }
    },
  },
  {
    name: 'a page has no tag where nothing stands',
    must: 'tag MUST be null where no event stands: at the very beginning of a log, and beyond its head.',
    async run(log) {
      for (const { tag } of await pagesAt(log, 0)) same('tag at the beginning of an empty log', tag, null)
      const head = (await log.fill(2)).at(-1)?.position ?? 0
      for (const { tag } of await pagesAt(log, 0)) same('tag at the beginning of a log', tag, null)
      for (const { tag } of await pagesAt(log, head + 1)) same('tag beyond the head', tag, null)
    },
  },
  {
    name: 'a page at the floor has the tag of the last event pruned',
    must: 'tag at the floor MUST be that of the last event pruned: the cursor that stands there is still good.',
    async run(log) {
      const placed = await log.fill(6)
      for (const keep of [4, 3, 0]) {
        const last = placed[5 - keep]
        check(last !== undefined, 'There are six events.')
        await log.store.prune({ keep, limit: 10 })
        for (const page of await pagesAt(log, last.position)) {
          same(
            `the page at the floor, ${keep} events kept`,
            { floor: page.floor, tag: page.tag },
            { floor: last.position, tag: tagOf(last) },
          )
        }
      }
    },
  },
]

async function pagesAt(log: LogUnderTest, after: Position): Promise<readonly Page[]> {
  return Promise.all(audiences.map((audience) => log.read(after, { audience, limit: 1 })))
}
