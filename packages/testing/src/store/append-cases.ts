import { hasCode, type NewEvent, type Scope } from '@trunkline/core'

import { check, same, show } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import { pause } from '../pause.ts'
import type { LogUnderTest } from './log-under-test.ts'
import { idsOf, newEvent, newEvents } from './new-event.ts'

/** What some stores refuse and others take: an event that was written past the checks of core. */
const oddEvents: Readonly<Record<string, Partial<NewEvent>>> = {
  'a type of 300 bytes': { type: 'x'.repeat(300) },
  'a NUL character': { body: 'a\0b', raw: true },
  'half a surrogate pair': { body: '\ud800', raw: true },
  'a body that is no JSON': { body: '{' },
  'private data that is no JSON': { privateData: '{' },
  'an unknown scope': { scope: 'nobody' as Scope },
  'a user event without a user': { scope: 'user' },
}

const calls = 10

/** One call of append. */
export const appendCases: readonly CaseDefinition<LogUnderTest>[] = [
  {
    name: 'append places events in the order in which they were given',
    must: 'append MUST resolve with one place per event, in the order of `events`; positions rise from call to call.',
    async run(log) {
      const events = newEvents(12)
      const placed = [
        ...(await log.append(events.slice(0, 5))),
        ...(await log.append(events.slice(5, 6))),
        ...(await log.append(events.slice(6))),
      ]
      same('append: ids', idsOf(placed), idsOf(events))
      for (const { duplicate } of placed) same('append: duplicate of an event without a key', duplicate, false)
      placed.reduce((before, place) => {
        check(
          place.position > before.position,
          `append: position ${place.position} came after ${before.position}; positions rise.`,
        )
        return place
      })
      const read = (await log.readAll()).map(({ id, position }) => ({ id, position }))
      same(
        'read: places',
        read,
        placed.map(({ id, position }) => ({ id, position })),
      )
    },
  },
  {
    name: 'an epoch that append names is the one of the log',
    must: 'An epoch that append names MUST be the one its positions belong to: the cursors of receipts are made of it.',
    async run(log) {
      const [placed] = await log.store.append(newEvents(1), {})
      const { epoch } = await log.bounds()
      same('append: epoch', placed?.epoch ?? epoch, epoch)
    },
  },
  {
    name: 'what append says of an event besides its place is what is read of it',
    must: 'Where append says `after` and `createdAt`, they MUST be what the log has: the process that published delivers by them without a read.',
    async run(log) {
      const calling = Array.from({ length: calls }, (_, turn) =>
        log.process(turn).append([newEvent(), newEvent({ idempotencyKey: `said-${turn % 3}` }), newEvent()], {}),
      )
      const placed = (await Promise.all(calling)).flat()
      const events = await log.readAll()
      for (const { id, position, duplicate, after, createdAt } of placed) {
        if (duplicate === true) continue
        const index = events.findIndex((event) => event.position === position)
        if (after !== undefined) same(`append: after, of ${id}`, after, events[index - 1]?.position ?? 0)
        if (createdAt !== undefined) same(`append: createdAt, of ${id}`, createdAt, events[index]?.createdAt)
      }
    },
  },
  {
    name: 'append of no events resolves with no places',
    must: 'append MUST resolve with one place per event, also when there are none.',
    async run(log) {
      same('append: places', await log.append([]), [])
      same('read: events', await log.readAll(), [])
    },
  },
  {
    name: 'an appended event can be read at once',
    must: 'What append has placed MUST be found by every read that begins afterwards, in every process: core wakes them right then.',
    async run(log) {
      for (let turn = 0; turn < 10; turn++) {
        const [placed] = await log.append([newEvent()], log.process(turn))
        const place = placed ?? { id: '', position: 0 }
        for (const store of log.processes) {
          const { events, head } = await log.read(place.position - 1, {}, store)
          same('read right after append: ids', idsOf(events), [place.id])
          same('read right after append: head', head, place.position)
        }
      }
    },
  },
  {
    name: 'append stores all events of a call or none',
    must: 'append MUST be all or nothing per call, whatever it makes of an event that it cannot store.',
    async run(log) {
      for (const [what, fields] of Object.entries(oddEvents)) {
        const call = [newEvent(), newEvent(fields), newEvent()]
        await checkWhole(log, call, `append of three events, one with ${what}`)
      }
      // And goes on as before.
      const events = newEvents(2)
      same('append after refusals: ids', idsOf(await log.append(events)), idsOf(events))
    },
  },
  {
    name: 'all events of a call are seen at once',
    must: 'append MUST be all or nothing per call, for readers too: who reads up to the head never sees a part of a call.',
    async run(log) {
      const size = 5
      let writing = true
      const work = Promise.all([0, 1, 2].map((writer) => writeCalls(log, writer, size))).finally(() => {
        writing = false
      })
      const following = log.follow(
        () => !writing,
        (events) => checkCalls(events, size),
      )
      const [seen] = await Promise.all([following, work])
      same('read: events', seen.length, 3 * calls * size)
    },
  },
]

async function writeCalls(log: LogUnderTest, writer: number, size: number): Promise<void> {
  for (let call = 0; call < calls; call++) {
    await log.append(newEvents(size, { type: `call_${writer}_${call}` }), log.process(writer))
    await pause()
  }
}

async function checkWhole(log: LogUnderTest, call: readonly NewEvent[], what: string): Promise<void> {
  const before = (await log.bounds()).head
  const outcome = await log.append(call).then(
    () => 'stored',
    (error: unknown) => (hasCode(error, 'store_unavailable') ? 'unknown' : 'refused'),
  )
  const stored = idsOf(await log.readAll({}, before))
  if (outcome === 'stored' || (outcome === 'unknown' && stored.length > 0)) same(`${what}: stored ids`, stored, idsOf(call))
  else check(stored.length === 0, `${what}: it was ${outcome}, and yet stored ${stored.length} of 3: ${show(stored)}.`)
}

function checkCalls(events: readonly { readonly type: string }[], size: number): void {
  const counts = new Map<string, number>()
  for (const { type } of events) counts.set(type, (counts.get(type) ?? 0) + 1)
  for (const [type, count] of counts)
    check(count === size, `read up to the head: saw ${count} of the ${size} events of one call (${type}).`)
}
