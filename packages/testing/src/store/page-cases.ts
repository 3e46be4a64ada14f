import type { LogEvent, StoreAudience } from '@trunkline/core'

import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { LogUnderTest } from './log-under-test.ts'
import { channelEvent, idsOf, newEvent, newEvents, userEvent } from './new-event.ts'

const me: StoreAudience = { userId: 'me', channels: ['mine'] }

/** One page, and one page after the other. */
export const pageCases: readonly CaseDefinition<LogUnderTest>[] = [
  {
    name: 'a page begins after its place',
    must: 'read MUST give the events after `after`, from any place, and not the one that stands there.',
    async run(log) {
      const placed = await log.append(newEvents(6))
      for (const [index, { position }] of placed.entries()) {
        same(`read after event ${index}: ids`, idsOf(await log.readAll({}, position)), idsOf(placed.slice(index + 1)))
      }
    },
  },
  {
    name: 'a page has at most as many events as asked for, the first ones',
    must: 'read MUST give at most `limit` events, in order and without leaving one out before the last that it gives.',
    async run(log) {
      const placed = await log.fill(10)
      for (const limit of [1, 3, 9, 10, 11]) {
        const { events } = await log.read(0, { limit })
        check(events.length > 0, `read with limit ${limit}: got no event of a log of ten.`)
        same(`read with limit ${limit}: ids`, idsOf(events), idsOf(placed.slice(0, Math.min(limit, events.length))))
      }
    },
  },
  {
    name: 'pages reach the head without a gap or a repetition',
    must: 'Everything up to `through` MUST be in the page or not be for this audience, so that reading on from there misses nothing.',
    async run(log) {
      await fillForMany(log)
      const everything = await log.readAll()
      const wanted = everything.filter(
        ({ userId, channel, scope }) => scope === 'global' || userId === 'me' || channel === 'mine',
      )
      for (const limit of [1, 2, 3, 7, 50]) {
        same(`pages of ${limit} for all: ids`, idsOf(await log.readAll({ limit })), idsOf(everything))
        same(`pages of ${limit} for one: ids`, idsOf(await log.readAll({ audience: me, limit })), idsOf(wanted))
      }
    },
  },
  {
    name: 'through says how far a page looked',
    must: 'Everything up to `through` MUST be in the page or not be for this audience.',
    async run(log) {
      await fillForMany(log)
      const wanted = await log.readAll({ audience: me })
      for (const after of [0, ...wanted.map(({ position }) => position)]) {
        const page = await log.read(after, { audience: me, limit: 2 })
        checkThrough(page.through, after, page.events, wanted)
      }
    },
  },
  {
    name: 'a page without events has looked to the head',
    must: 'A page without events MUST have looked to the head: whoever reads on needs an event to be found by, or the end of the log.',
    async run(log) {
      await log.append(Array.from({ length: 60 }, () => userEvent('other')))
      const last = (await log.append([userEvent('me')])).at(-1)?.position ?? 0
      const page = await log.read(0, { audience: me })
      same(
        'the first page of who has one event at the end: positions',
        page.events.map(({ position }) => position),
        [last],
      )
      await log.append(Array.from({ length: 60 }, () => userEvent('other')))
      const { events, through, head } = await log.read(last, { audience: me })
      same('the page after the last event for me', { events, through }, { events: [], through: head })
    },
  },
  {
    name: 'a page beyond the head is empty',
    must: 'read after a place beyond the head MUST give no event, the head as it is, and `through` not below `after`: core judges by it.',
    async run(log) {
      const last = (await log.fill(3)).at(-1)?.position ?? 0
      for (const audience of ['everything', me] as const) {
        const page = await log.read(last + 1_000, { audience })
        same(
          'read beyond the head',
          { events: page.events, head: page.head, tag: page.tag },
          { events: [], head: last, tag: null },
        )
      }
    },
  },
]

/** A log of which one audience sees a little here and there, and nothing at the end. */
async function fillForMany(log: LogUnderTest): Promise<void> {
  const others = () => Array.from({ length: 9 }, (_, index) => (index % 2 === 0 ? userEvent('other') : channelEvent('theirs')))
  await log.append([...others(), userEvent('me'), ...others(), newEvent(), channelEvent('mine')])
  await log.append([...others(), channelEvent('mine'), userEvent('me'), newEvent(), ...others()])
}

function checkThrough(through: number, after: number, events: readonly LogEvent[], wanted: readonly LogEvent[]): void {
  const passed = wanted.filter(({ position }) => position > after && position <= through)
  same(`read after ${after}: the events up to through ${through}`, idsOf(events), idsOf(passed))
}
