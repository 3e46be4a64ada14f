import type { EventFilter, LogEvent } from '@trunkline/core'

import { same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import { pause } from '../pause.ts'
import type { LogUnderTest } from './log-under-test.ts'
import { channelEvent, idsOf, newEvent, newEvents, systemEvent, userEvent } from './new-event.ts'

/** What a store with an archive can be asked for. */
export const findCases: readonly CaseDefinition<LogUnderTest>[] = [
  {
    name: 'the archive finds events by type, scope, user, channel and entity',
    must: 'find MUST give the events that match every part of the filter, and no other.',
    async run(log) {
      await log.append([
        newEvent({ type: 'a' }),
        newEvent({ type: 'a_', entityId: '42' }),
        newEvent({ type: 'A', entityId: '4' }),
        newEvent({ type: 'ab' }),
        userEvent('1', { type: 'a', entityId: '42' }),
        userEvent('2', { type: 'a' }),
        channelEvent('1', { type: 'a' }),
        channelEvent('2', { entityId: '42' }),
        systemEvent({ userId: '1' }),
        systemEvent({ type: 'a', entityId: 'null' }),
      ])
      await finds(log, { type: 'a' }, (event) => event.type === 'a')
      await finds(log, { type: 'a_' }, (event) => event.type === 'a_')
      await finds(log, { type: 'nothing' }, () => false)
      for (const scope of ['user', 'channel', 'global', 'system'] as const) {
        await finds(log, { scope }, (event) => event.scope === scope)
      }
      await finds(log, { userId: '1' }, (event) => event.userId === '1')
      await finds(log, { channel: '1' }, (event) => event.channel === '1')
      await finds(log, { entityId: '42' }, (event) => event.entityId === '42')
    },
  },
  {
    name: 'the archive finds events that match a whole filter',
    must: 'find MUST give the events that match every part of the filter, also when only an older one does.',
    async run(log) {
      await log.append([
        userEvent('1', { type: 'a', entityId: '42', body: '"needle"' }),
        userEvent('1', { type: 'a', entityId: '42' }),
        userEvent('1', { type: 'a', body: '"needle"' }),
        userEvent('1', { entityId: '42', body: '"needle"' }),
        systemEvent({ userId: '1', type: 'a', entityId: '42', body: '"needle"' }),
        userEvent('2', { type: 'a', entityId: '42', body: '"needle"' }),
      ])
      const [wanted] = await log.readAll()
      const filter: EventFilter = { scope: 'user', userId: '1', type: 'a', entityId: '42', text: 'needle' }
      await finds(log, filter, ({ id }) => id === wanted?.id)
      await finds(log, { scope: 'channel', userId: '1' }, () => false)
      const found = await log.archive?.find({ ...filter, limit: 1 })
      if (found !== undefined) same('find one: ids', idsOf(found.events), [wanted?.id])
    },
  },
  {
    name: 'the archive finds events by time',
    must: 'find({ createdAfter, createdBefore }) MUST give the events created after the one and before the other, by the millisecond.',
    async run(log) {
      await log.append(newEvents(2))
      await pause(20)
      await log.append(newEvents(2))
      const stored = await log.readAll()
      const [oldest, , , newest] = stored.map(({ createdAt }) => createdAt)
      const [createdAfter, createdBefore] = [new Date(oldest ?? ''), new Date(newest ?? '')]
      await finds(log, { createdAfter }, ({ createdAt }) => createdAt > (oldest ?? ''))
      await finds(log, { createdBefore }, ({ createdAt }) => createdAt < (newest ?? ''))
      await finds(
        log,
        { createdAfter, createdBefore },
        ({ createdAt }) => createdAt > (oldest ?? '') && createdAt < (newest ?? ''),
      )
      await finds(log, { createdAfter: createdBefore, createdBefore: createdAfter }, () => false)
    },
  },
  {
    name: 'the archive counts what it finds',
    must: 'count MUST say how many events match every part of the filter, and stop at the limit.',
    async run(log) {
      const count = log.archive?.count
      if (count === undefined) return
      same('count of an empty log', await count({ limit: 10 }), 0)
      await log.append([userEvent('1', { type: 'a' }), userEvent('1'), newEvent({ type: 'a' }), newEvent({ type: 'a' })])
      same('count of everything', await count({ limit: 10 }), 4)
      same('count of a filter', await count({ userId: '1', type: 'a', limit: 10 }), 1)
      same('count up to what there is', await count({ type: 'a', limit: 3 }), 3)
      same('count up to less than there is', await count({ type: 'a', limit: 2 }), 2)
    },
  },
  {
    name: 'the archive finds text in details',
    must: 'find({ text }) MUST give the events whose detail contains the text as it stands, without wildcards.',
    async run(log) {
      const bodies = [
        '{"note":"100% of it"}',
        '{"note":"100 of it"}',
        '{"snake_case":1}',
        '{"snakeXcase":1}',
        '{"a":"é"}',
        '{"a":"/.*/"}',
      ]
      await log.append(bodies.map((body) => newEvent({ body, privateData: '"hidden"' })))
      for (const text of ['100%', 'e_c', 'é', '.*', 'of it', '"a":"', 'no such text', 'hidden']) {
        await finds(log, { text }, ({ body }) => body.includes(text))
      }
    },
  },
]

async function finds(log: LogUnderTest, filter: EventFilter, isWanted: (event: LogEvent) => boolean): Promise<void> {
  if (log.archive === null) return
  const wanted = (await log.readAll()).filter(isWanted).toReversed()
  const { events, lookedBackTo } = await log.archive.find({ ...filter, limit: 100 })
  same(`find(${JSON.stringify(filter)}): ids`, idsOf(events), idsOf(wanted))
  same(`find(${JSON.stringify(filter)}): lookedBackTo`, lookedBackTo, null)
}
