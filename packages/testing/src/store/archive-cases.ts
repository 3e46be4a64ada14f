import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { LogUnderTest } from './log-under-test.ts'
import { idsOf, newEvent, newEvents, systemEvent, userEvent } from './new-event.ts'

/** Look-up, of stores that have an archive; others have nothing to try. */
export const archiveCases: readonly CaseDefinition<LogUnderTest>[] = [
  {
    name: 'the archive gets an event as it was stored',
    must: 'get MUST give the event of any scope with everything that was stored, and find the same one.',
    async run(log) {
      if (log.archive === null) return
      const events = [
        userEvent('7', { privateData: '{"b":1e2}', idempotencyKey: 'k', entityId: '42' }),
        systemEvent({ body: 'raw\n', raw: true }),
        newEvent({ skipUserIds: ['3'] }),
      ]
      await log.append(events)
      const stored = await log.readAll()
      for (const event of stored) {
        same('get', await log.archive.get(event.id), event)
      }
      same('find', (await log.archive.find({ limit: 10 })).events, stored.toReversed())
    },
  },
  {
    name: 'the archive gets the newest event with an id',
    must: 'get MUST give the newest event with this id: one that is replayed keeps its id.',
    async run(log) {
      if (log.archive === null) return
      const first = newEvent({ body: '1' })
      await log.append([first, newEvent()])
      await log.append([{ ...first, body: '2' }, newEvent()])
      same('get: body', (await log.archive.get(first.id))?.body, '2')
    },
  },
  {
    name: 'the archive gets null for an event that is not there',
    must: 'get MUST give null for an id that no stored event has, never was, or that was pruned.',
    async run(log) {
      if (log.archive === null) return
      const [pruned, kept] = await log.fill(2)
      await log.store.prune({ keep: 1, limit: 10 })
      for (const id of ['', 'no such id', '\0', `${kept?.id} `, pruned?.id ?? '']) {
        same(`get(${JSON.stringify(id)})`, await log.archive.get(id), null)
      }
    },
  },
  {
    name: 'the archive finds the newest events first',
    must: 'find MUST give the newest events first, at most `limit`.',
    async run(log) {
      if (log.archive === null) return
      const newest = idsOf(await log.fill(9)).toReversed()
      for (const limit of [1, 4, 9, 20]) {
        const { events, lookedBackTo } = await log.archive.find({ limit })
        same(`find({ limit: ${limit} }): ids`, idsOf(events), newest.slice(0, limit))
        same(`find({ limit: ${limit} }): lookedBackTo`, lookedBackTo, null)
      }
    },
  },
  {
    name: 'the archive finds what stands before a place',
    must: 'find({ before }) MUST give events at positions below `before`, so that pages follow each other.',
    async run(log) {
      if (log.archive === null) return
      const stored = await log.append([...newEvents(5), ...newEvents(4, { type: 'other' })])
      for (const type of [undefined, 'other']) {
        const wanted = stored.slice(type === undefined ? 0 : 5).toReversed()
        const found: string[] = []
        for (let before: number | undefined, more = true; more;) {
          const { events } = await log.archive.find({
            limit: 2,
            ...(type === undefined ? {} : { type }),
            ...(before === undefined ? {} : { before }),
          })
          found.push(...idsOf(events))
          check(found.length <= wanted.length, `find page by page: got ${found.length} events of ${wanted.length}.`)
          before = events.at(-1)?.position
          more = events.length === 2
        }
        same('find page by page: ids', found, idsOf(wanted))
      }
    },
  },
  {
    name: 'the archive says since when it has events',
    must: 'size MUST tell when the oldest event that is stored was created, not one that was pruned, and null when there is none.',
    async run(log) {
      const size = log.archive?.size
      if (size === undefined) return
      same('size: oldest of an empty log', (await size()).oldest, null)
      await log.fill(3)
      await log.store.prune({ keep: 2, limit: 10 })
      const [oldest] = await log.readAll()
      same('size: oldest', (await size()).oldest, oldest?.createdAt)
    },
  },
]
