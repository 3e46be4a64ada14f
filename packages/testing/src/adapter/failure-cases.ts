import type { Connectable, Dialect, Frame } from '@trunkline/core'

import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { AdapterUnderTest } from './adapter-under-test.ts'
import { wrapped } from './watch.ts'

/** Faults behind the adapter. */
export const failureCases: readonly CaseDefinition<AdapterUnderTest>[] = [
  {
    name: 'a dialect that fails ends its stream and no other',
    must: 'A stream that fails after its headers MUST end, the failure be reported once, and the host live on.',
    async run(adapter) {
      const site = await adapter.open({ settings: { dialect: ['trunkline', dialectWith({ event: () => fail() })] } })
      const [broken, neighbour] = [await site.stream('/sse?dialect=custom'), await site.stream()]
      await broken.untilNamed('open')
      await site.trunkline.publishGlobal({ type: 'said', detail: 1 })
      await broken.untilEnd()
      same('frames', broken.names, ['open', 'end'])
      same('details of the neighbour', (await neighbour.untilEvents(1)).details, [1])
      await site.connections(1)
      await (await site.stream('/sse?dialect=custom')).untilNamed('open')
      site.reported('connection')
    },
  },
  {
    name: 'a dialect that cannot begin is 500',
    must: 'What fails before the headers MUST be 500 and reported, without the text of the error.',
    async run(adapter) {
      const site = await adapter.open({ settings: { dialect: dialectWith({ open: () => fail() }) } })
      const { status, error } = await site.refusal()
      same('refusal', [status, error], [500, 'internal'])
      site.reported('connection')
      await site.connections(0)
    },
  },
  {
    name: 'a connection that fails is ended, reported and closed',
    must: 'When next() rejects, the answer MUST end, the failure be reported, and the connection be closed.',
    async run(adapter) {
      const site = await adapter.open({ through: failingAfterFirst })
      const stream = await site.stream()
      await stream.untilNamed('connected')
      await site.trunkline.publishGlobal({ type: 'said', detail: 1 })
      await stream.untilEnd()
      same('frames', stream.names, ['connected'])
      await site.connections(0)
      check(site.failures.length > 0, 'The failure was not reported to onError.')
      same('stages reported to onError', [...new Set(site.failures.map(({ stage }) => stage))].map(String), ['connection'])
      same('answer of the host afterwards', (await site.ask('/sse', { method: 'HEAD' })).status, 200)
    },
  },
]

/** A dialect of the case's own. */
function dialectWith(faults: Partial<Dialect>): Dialect {
  const named = (event: string): Frame => ({ event, data: '{}' })
  return {
    name: 'custom',
    event: () => named('event'),
    open: () => named('open'),
    heartbeat: () => named('heartbeat'),
    reset: () => named('reset'),
    end: () => named('end'),
    ...faults,
  }
}

/** Connections of which the second chunk is a failure. */
function failingAfterFirst(trunkline: Connectable): Connectable {
  return {
    async connect(options) {
      const connection = await trunkline.connect(options)
      let taken = 0
      return { ...wrapped(connection), next: async () => (taken++ === 0 ? connection.next() : (await connection.next(), fail())) }
    },
    report: (error, context) => trunkline.report?.(error, context),
  }
}

function fail(): never {
  throw new Error('on purpose')
}
