import { same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { LogUnderTest } from './log-under-test.ts'
import { idsOf, newEvent } from './new-event.ts'

/** Idempotency keys. */
export const keyCases: readonly CaseDefinition<LogUnderTest>[] = [
  {
    name: 'a repeated idempotency key gives the first place',
    must: 'append of a key that was used before MUST store nothing and give the place and id of the first event, as a duplicate.',
    async run(log) {
      const first = newEvent({ idempotencyKey: 'order 1' })
      const [place] = await log.append([first])
      same('append with a new key', place?.duplicate, false)
      for (const turn of log.processes.keys()) {
        const [again] = await log.append([newEvent({ idempotencyKey: 'order 1', body: '{"another":true}' })], log.process(turn))
        same('append with a used key', again, { position: place?.position, id: first.id, duplicate: true })
      }
      same('read: ids', idsOf(await log.readAll()), [first.id])
    },
  },
  {
    name: 'an idempotency key is used once within one call',
    must: 'append MUST take a key that comes twice in one call as used by the first of the two; the other events get their own places.',
    async run(log) {
      await log.append([newEvent({ idempotencyKey: 'used' })])
      const events = [
        newEvent(),
        newEvent({ idempotencyKey: 'new' }),
        newEvent({ idempotencyKey: 'used' }),
        newEvent(),
        newEvent({ idempotencyKey: 'new' }),
        newEvent({ idempotencyKey: 'also new' }),
      ]
      const places = await log.append(events)
      const stored = await log.readAll()
      const [used, plain, fresh, another, last] = stored
      same('read: ids', idsOf(stored), [used?.id, events[0]?.id, events[1]?.id, events[3]?.id, events[5]?.id])
      same(
        'append: places',
        places,
        [plain, fresh, used, another, fresh, last].map((event, index) => ({
          position: event?.position,
          id: event?.id,
          duplicate: index === 2 || index === 4,
        })),
      )
    },
  },
  {
    name: 'different keys and no keys are no repetition',
    must: 'append MUST store every event without a key, and tell keys apart exactly.',
    async run(log) {
      const keys = [null, null, 'a', 'A', 'a ', 'á', 'a\u0301', '1', '01', 'null']
      const events = keys.map((idempotencyKey) => newEvent({ idempotencyKey }))
      const places = await log.append(events)
      same(
        'append: duplicate',
        places.map(({ duplicate }) => duplicate),
        keys.map(() => false),
      )
      same('read: ids', idsOf(await log.readAll()), idsOf(events))
    },
  },
  {
    name: 'a key used by many at once is stored once',
    must: 'append MUST store one of several events that come with the same key at the same time, and give all callers its place.',
    async run(log) {
      const call = (turn: number) => log.append([newEvent(), newEvent({ idempotencyKey: 'once' })], log.process(turn))
      const places = (await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(call))).map(([, place]) => place)
      const stored = (await log.readAll()).filter(({ idempotencyKey }) => idempotencyKey === 'once')
      same('read: events with the key', stored.length, 1)
      same('append: calls that stored it', places.filter((place) => place?.duplicate === false).length, 1)
      for (const place of places) {
        same(
          'append: the place of the key',
          { id: place?.id, position: place?.position },
          { id: stored[0]?.id, position: stored[0]?.position },
        )
      }
    },
  },
  {
    name: 'a key is forgotten with its event',
    must: 'append of a key whose event was pruned MUST store the event: a repetition is one within the retention.',
    async run(log) {
      await log.append([newEvent({ idempotencyKey: 'old' }), newEvent({ idempotencyKey: 'young' })])
      await log.store.prune({ keep: 1, limit: 10 })
      const events = [newEvent({ idempotencyKey: 'old' }), newEvent({ idempotencyKey: 'young' })]
      const places = await log.append(events)
      same(
        'append: duplicate',
        places.map(({ duplicate }) => duplicate),
        [false, true],
      )
    },
  },
]
