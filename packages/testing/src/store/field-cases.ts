import type { NewEvent } from '@trunkline/core'

import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import { pause } from '../pause.ts'
import type { LogUnderTest } from './log-under-test.ts'
import { channelEvent, newEvent, systemEvent, userEvent } from './new-event.ts'

/** JSON that parsers and databases like to write anew: key order, repeated keys, numbers, spaces, escapes, characters beyond 16 bits. */
const jsonTexts: readonly string[] = [
  '{"z":1,"a":2,"10":3,"9":4,"a":5}',
  '[1e2,1.0,-0,1E+2,0.10,12345678901234567890]',
  ' { "spaced" : [ ] } ',
  String.raw`{"nul":"\u0000","half":"\ud83d","slash":"\/","escaped":"\u00e9"}`,
  '{"plain":"é 漢字 👩‍👧 \u2028","quotes":"it\'s \\"$1\\" %s \\\\"}',
  'null',
  '""',
]

const rawTexts: readonly string[] = [
  '',
  ' ',
  'null',
  '{"not":"parsed"}',
  'one\ntwo\r\nthree\rfour\n\n',
  '\ttab  ',
  '<b>👩‍👧 é</b>',
  String.raw`\u0000 \n`,
]

/** What comes back is what went in. */
export const fieldCases: readonly CaseDefinition<LogUnderTest>[] = [
  {
    name: 'a detail comes back as the same text',
    must: 'A Store MUST give back the JSON text that was published: not key-sorted, not renumbered, not unescaped.',
    run: (log) =>
      comesBack(
        log,
        jsonTexts.map((body) => newEvent({ body })),
      ),
  },
  {
    name: 'raw text comes back as it was',
    must: 'A Store MUST give back the raw text that was published, byte for byte, and say that it is raw.',
    run: (log) =>
      comesBack(
        log,
        rawTexts.map((body) => newEvent({ body, raw: true })),
      ),
  },
  {
    name: 'a detail of 200 KiB comes back whole',
    must: 'A Store MUST take whatever core lets through: 256 KiB of detail and private data, unless maxEventBytes says otherwise.',
    run: (log) =>
      comesBack(log, [
        newEvent({ body: JSON.stringify('é👩 '.repeat(29_257)), privateData: JSON.stringify('x'.repeat(50_000)) }),
        newEvent(),
      ]),
  },
  {
    name: 'private data comes back as the same text',
    must: 'A Store MUST keep privateData as the JSON text that was given, and null as null.',
    run: (log) =>
      comesBack(
        log,
        [...jsonTexts, null].map((privateData) => newEvent({ privateData })),
      ),
  },
  {
    name: 'who an event is for comes back',
    must: 'A Store MUST keep scope, userId, channel and skipUserIds as they were given.',
    run: (log) =>
      comesBack(log, [
        newEvent(),
        userEvent('7'),
        userEvent(`o'Néill "x" 👩 ${'x'.repeat(200)}`),
        channelEvent('room-7'),
        channelEvent('room-7', { skipUserIds: ['3', 'é', '{a,"b"}'] }),
        systemEvent(),
        systemEvent({ userId: '7' }),
      ]),
  },
  {
    name: 'type, entity id and idempotency key come back',
    must: 'A Store MUST keep type, entityId and idempotencyKey as they were given, and null as null.',
    run: (log) =>
      comesBack(log, [
        newEvent({ type: 'page:imported é👩', entityId: '42' }),
        newEvent({ type: 'x'.repeat(255), entityId: '04.20' }),
        newEvent({ entityId: 'é'.repeat(127), idempotencyKey: `k 'é' "👩" \n%` }),
      ]),
  },
  {
    name: 'createdAt is ISO 8601 in UTC and grows with the log',
    must: 'A Store MUST give createdAt as core writes it (2025-01-31T12:00:00.000Z): the one it was given, or the time of its own clock.',
    async run(log) {
      const first = newEvent()
      await log.append([first])
      await pause(20)
      await log.append([newEvent()])
      const read = await log.readAll()
      for (const { createdAt } of read) {
        const time = Date.parse(createdAt)
        check(
          !Number.isNaN(time) && new Date(time).toISOString() === createdAt,
          `createdAt: got "${createdAt}", wanted it as Date's toISOString writes it.`,
        )
        const minutes = Math.abs(time - Date.parse(first.createdAt)) / 60_000
        check(
          minutes < 10,
          `createdAt: got "${createdAt}" for an event of "${first.createdAt}": ${Math.round(minutes)} minutes apart.`,
        )
      }
      const [older = '', younger = ''] = read.map(({ createdAt }) => createdAt)
      check(older < younger, `createdAt: got "${younger}" for an event that was appended 20 ms after one of "${older}".`)
      same(
        'createdAt, read again',
        (await log.readAll()).map(({ createdAt }) => createdAt),
        [older, younger],
      )
    },
  },
]

/** Everything but the time, which a store may set by its own clock. */
async function comesBack(log: LogUnderTest, events: readonly NewEvent[]): Promise<void> {
  await log.append(events)
  const read = await log.readAll()
  same('read: events', read.map(comparable), events.map(comparable))
}

function comparable({
  id,
  type,
  scope,
  userId,
  channel,
  entityId,
  body,
  raw,
  skipUserIds,
  privateData,
  idempotencyKey,
}: NewEvent): object {
  return { id, type, scope, userId, channel, entityId, body, raw, skipUserIds, privateData, idempotencyKey }
}
