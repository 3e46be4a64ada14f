import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { AdapterUnderTest } from './adapter-under-test.ts'

/** What a stream is, and where it begins. */
export const streamCases: readonly CaseDefinition<AdapterUnderTest>[] = [
  {
    name: 'a stream has its headers, and none of the connection',
    must: 'A stream MUST be 200 with the headers of core, and an adapter MUST NOT set headers of the connection: HTTP/2 forbids them.',
    async run(adapter) {
      const site = await adapter.open()
      const { headers } = await site.stream()
      for (const [name, value] of Object.entries({
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
        'content-length': null,
        'content-encoding': null,
      })) {
        same(name, headers.get(name), value)
      }
      for (const name of ['connection', 'keep-alive', 'transfer-encoding', 'upgrade']) {
        if (site.host.protocolHeaders?.includes(name) === true) continue
        same(name, headers.get(name), null)
      }
      site.reported()
    },
  },
  {
    name: 'a stream begins before there is an event',
    must: 'Headers and the first frame MUST be sent at once: a browser is not connected before.',
    async run(adapter) {
      const site = await adapter.open({ server: { heartbeatMs: 600_000 } })
      const stream = await site.stream()
      await stream.untilNamed('connected')
      same('frames before the first event', stream.names, ['connected'])
      await site.connections(1)
    },
  },
  {
    name: 'a stream delivers what is published, live and in order',
    must: 'Each chunk of a connection MUST be written as it is, in order, and without waiting for the next.',
    async run(adapter) {
      const site = await adapter.open({ server: { heartbeatMs: 600_000 } })
      const stream = await site.stream()
      const wanted: unknown[] = []
      for (let number = 0; number < 20; number++) {
        const detail = { number, text: 'ü\n\u0000😀'.repeat(number) }
        wanted.push(detail)
        await site.trunkline.publishGlobal({ type: 'count', detail })
        // One at a time: what is held back until more comes is found here.
        await stream.untilEvents(number + 1)
      }
      same('details', stream.details, wanted)
    },
  },
  {
    name: 'heartbeats come while nothing else does',
    must: 'Heartbeats MUST be written as everything else is: they are how a client knows that the stream is alive.',
    async run(adapter) {
      const site = await adapter.open({ server: { heartbeatMs: 30 } })
      const stream = await site.stream()
      let beats = 0
      await stream.until('the third heartbeat', ({ event }) => event === 'heartbeat' && ++beats === 3)
    },
  },
  {
    name: 'a stream resumes after the place in its header',
    must: 'Last-Event-ID MUST reach core as it was sent, and win over the query.',
    async run(adapter) {
      const site = await adapter.open()
      const start = await site.trunkline.cursor()
      const publish = (detail: string) => site.trunkline.publishGlobal({ type: 'said', detail })
      const first = await site.stream()
      await publish('before')
      await first.untilEvents(1)
      const { cursor } = first
      first.leave()
      await publish('away 1')
      await publish('away 2')
      const again = await site.stream('/sse', { headers: { 'last-event-id': cursor } })
      await again.untilEvents(2)
      await publish('live')
      await again.untilEvents(3)
      same('details after resuming', again.details, ['away 1', 'away 2', 'live'])
      const both = await site.stream(`/sse?lastEventId=${start}`, { headers: { 'last-event-id': cursor } })
      same('details after the header, with an older place in the query', (await both.untilEvents(1)).details[0], 'away 1')
    },
  },
  {
    name: 'a stream resumes after the place in its query',
    must: 'The query MUST reach core: `lastEventId`, and `since` where there is none.',
    async run(adapter) {
      const site = await adapter.open()
      const start = await site.trunkline.cursor()
      for (const detail of [1, 2]) await site.trunkline.publishGlobal({ type: 'count', detail })
      for (const query of [`lastEventId=${start}`, `since=${start}`, `since=nonsense&lastEventId=&lastEventId=${start}`]) {
        const stream = await site.stream(`/sse?${query}`)
        same(`details after ?${query}`, (await stream.untilEvents(2)).details, [1, 2])
      }
    },
  },
  {
    name: 'a place that means nothing is told by a reset',
    must: 'A malformed place MUST lead to a stream with a `reset`, reason `malformed`, and never to a refusal or an empty page.',
    async run(adapter) {
      const site = await adapter.open()
      for (const cursor of ['nonsense', 'a.b.c', '%00', '💥'.repeat(3)]) {
        const path = `/sse?lastEventId=${encodeURIComponent(cursor)}`
        const stream = await site.stream(path)
        const { data } = await stream.untilNamed('reset')
        same(`reset of ${path}`, JSON.parse(data ?? ''), { reason: 'malformed', channels: [] })
      }
      const stream = await site.stream('/sse', { headers: { 'last-event-id': '!!' } })
      await stream.untilNamed('reset')
      same('names', stream.names, ['connected', 'reset'])
    },
  },
  {
    name: 'a client may ask for another dialect',
    must: 'The option `dialect` MUST reach core, and `?dialect=` choose among its list.',
    async run(adapter) {
      const site = await adapter.open({ settings: { dialect: ['trunkline', 'eventstream'] } })
      await (await site.stream()).untilNamed('connected')
      const other = await site.stream('/sse?dialect=eventstream')
      await site.trunkline.publishGlobal({ type: 'said', detail: { a: 1 } })
      same('event in the dialect eventstream', (await other.untilNamed('said')).data, '{"a":1}')
      check(other.names[0] === 'stream-open', `first frame in the dialect eventstream: got ${other.names[0]}.`)
    },
  },
  {
    name: 'a stream ends with a goodbye when the trunkline stops',
    must: 'The last frame MUST be written, and then the answer ended: a client must not wait for what never comes.',
    async run(adapter) {
      const site = await adapter.open()
      const stream = await site.stream()
      await stream.untilNamed('connected')
      const stopped = site.trunkline.stop()
      // Not untilEnd: an answer that is cut off is not ended.
      while (await stream.read());
      await stopped
      const last = stream.frames.at(-1)
      same('last frame', [last?.event, last?.data], ['goodbye', '{"reason":"stopped"}'])
      site.reported()
    },
  },
]
