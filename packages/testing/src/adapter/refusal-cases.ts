import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { AdapterUnderTest } from './adapter-under-test.ts'

/** Who gets no stream, and learns why before one begins. */
export const refusalCases: readonly CaseDefinition<AdapterUnderTest>[] = [
  {
    name: 'a channel that may not be read is 403',
    must: 'What connect refuses MUST be answered with its status before any byte of a stream.',
    async run(adapter) {
      const site = await adapter.open({ server: { canRead: ({ channel }) => channel === 'open' } })
      const { status, error, headers } = await site.refusal('/sse?channel=open&channel=closed')
      same('refusal', [status, error, headers.get('cache-control')], [403, 'forbidden', 'no-store'])
      await site.stream('/sse?channel=open')
      site.reported()
    },
  },
  {
    name: 'a name that is no channel is 400',
    must: 'A channel name that cannot be one MUST be refused with 400, for GET and HEAD.',
    async run(adapter) {
      const site = await adapter.open()
      const { status, error } = await site.refusal(`/sse?channel=${'x'.repeat(300)}`)
      same('refusal', [status, error], [400, 'invalid_channel'])
      same('answer to HEAD', await site.answer('/sse?channel=', { method: 'HEAD' }), [400, ''])
    },
  },
  {
    name: 'the eleventh channel is 400',
    must: 'A stream MUST have at most 10 channels, or as many as the option `maxChannels` says.',
    async run(adapter) {
      const query = (count: number): string => Array.from({ length: count }, (_, index) => `channel=c${index}`).join('&')
      const site = await adapter.open()
      await site.stream(`/sse?${query(10)}`)
      const { status, error } = await site.refusal(`/sse?${query(11)}`)
      same('refusal', [status, error], [400, 'too_many_channels'])
      const narrow = await adapter.open({ settings: { maxChannels: 2 } })
      await narrow.stream(`/sse?${query(2)}`)
      same('refusal with maxChannels: 2', (await narrow.refusal(`/sse?${query(3)}`)).error, 'too_many_channels')
    },
  },
  {
    name: 'a dialect that is not spoken is 400',
    must: 'A dialect that is not in the list MUST be refused with 400 before the stream.',
    async run(adapter) {
      const site = await adapter.open()
      const { status, error } = await site.refusal('/sse?dialect=eventstream')
      same('refusal', [status, error], [400, 'unknown_dialect'])
      same('connections', site.trunkline.stats().connections, 0)
    },
  },
  {
    name: 'a stream too many for one user is 429',
    must: 'A user with too many streams MUST be refused with 429 and `retry-after`; who leaves makes room.',
    async run(adapter) {
      const site = await adapter.open({ server: { maxConnectionsPerUser: 1 }, identify: (header) => header('x-user') })
      const headers = { 'x-user': 'ann' }
      const first = await site.stream('/sse', { headers })
      const refused = await site.refusal('/sse', { headers })
      same('refusal', [refused.status, refused.error], [429, 'too_many_connections'])
      comesBackLater(refused.headers)
      await site.stream('/sse', { headers: { 'x-user': 'ben' } })
      first.leave()
      await site.connections(1)
      await site.stream('/sse', { headers })
    },
  },
  {
    name: 'a stream too many for the process is 503',
    must: 'A process with too many streams MUST refuse with 503 and `retry-after`.',
    async run(adapter) {
      const site = await adapter.open({ server: { maxConnections: 1 } })
      await site.stream()
      const { status, error, headers } = await site.refusal()
      same('refusal', [status, error], [503, 'overloaded'])
      comesBackLater(headers)
    },
  },
  {
    name: 'a trunkline that was stopped is 503',
    must: 'A trunkline that was stopped MUST refuse with 503: clients come back to another process.',
    async run(adapter) {
      const site = await adapter.open()
      await site.trunkline.stop({ graceMs: 0 })
      const { status, error, headers } = await site.refusal()
      same('refusal', [status, error], [503, 'stopped'])
      comesBackLater(headers)
    },
  },
]

function comesBackLater(headers: Headers): void {
  const after = headers.get('retry-after')
  check(/^[1-9]\d?$/.test(after ?? ''), `retry-after: got ${after}, wanted some seconds.`)
}
