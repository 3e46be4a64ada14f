import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import { pause, until } from '../pause.ts'
import type { AdapterUnderTest } from './adapter-under-test.ts'

/** Clients that go. */
export const leaveCases: readonly CaseDefinition<AdapterUnderTest>[] = [
  {
    name: 'who leaves is forgotten within a second',
    must: 'A client that has gone MUST have its connection closed at once, also while nothing is published, and others stay.',
    async run(adapter) {
      const site = await adapter.open({ server: { heartbeatMs: 600_000 } })
      const streams = [await site.stream(), await site.stream(), await site.stream()]
      await Promise.all(streams.map((stream) => stream.untilNamed('connected')))
      await site.connections(3)
      streams[0]?.leave()
      await site.connections(2)
      await site.trunkline.publishGlobal({ type: 'said', detail: 'who stayed' })
      for (const stream of streams.slice(1)) same('details', (await stream.untilEvents(1)).details, ['who stayed'])
      site.reported()
    },
  },
  {
    name: 'who breaks off is forgotten within a second',
    must: "The end of the request (in fetch hosts its signal) MUST close the connection, also when the answer's body is never looked at.",
    async run(adapter) {
      const site = await adapter.open({ server: { heartbeatMs: 600_000 } })
      const gone = new AbortController()
      const response = await site.ask('/sse', { signal: gone.signal })
      same('status', response.status, 200)
      await site.connections(1)
      gone.abort()
      await site.connections(0)
      site.reported()
    },
  },
  {
    name: 'who leaves while being identified leaves nothing behind',
    must: 'A client that went before its stream began MUST NOT be left as a connection.',
    async run(adapter) {
      const door = Promise.withResolvers<null>()
      let asked = 0
      const site = await adapter.open({ identify: () => (asked++, asked === 1 ? door.promise : null) })
      const gone = new AbortController()
      const answer = site.ask('/sse', { signal: gone.signal }).then(
        (response) => response.status,
        () => 'gone',
      )
      const deadline = Date.now() + 5_000
      await until(() => asked === 1 || Date.now() > deadline, AbortSignal.timeout(10_000))
      same('times identify was asked', asked, 1)
      gone.abort()
      same('answer', await answer, 'gone')
      // As long as a server takes to notice.
      await pause(30)
      door.resolve(null)
      await (await site.stream()).untilNamed('connected')
      await site.connections(1)
      site.reported()
    },
  },
  {
    name: 'who leaves without having read is forgotten within a second',
    must: 'A client whose socket is full MUST be forgotten when it goes: nothing may wait for it for ever.',
    async run(adapter) {
      const site = await adapter.open()
      const cursor = await site.trunkline.cursor()
      const detail = 'x'.repeat(100_000)
      for (let number = 0; number < 200; number++) await site.trunkline.publishGlobal({ type: 'page', detail })
      const lazy = await site.stream('/sse', { headers: { 'last-event-id': cursor } })
      await site.connections(1)
      await pause(50)
      lazy.leave()
      await site.connections(0)
      same('queuedBytes', site.trunkline.stats().queuedBytes, 0)
      site.reported()
    },
  },
  {
    name: 'streams that ended leave no listener and no timer behind',
    must: 'What an adapter adds for a stream MUST go with it, whoever ended it: listeners, timers.',
    async run(adapter) {
      const site = await adapter.open({ identify: () => 'ann' })
      const { residue } = site.host
      if (residue === undefined) return
      const round = async (): Promise<void> => {
        const streams = await Promise.all(Array.from({ length: 10 }, () => site.stream()))
        await Promise.all(streams.map((stream) => stream.untilNamed('connected')))
        for (const stream of streams) stream.leave()
        await site.connections(0)
        // And by the server.
        const ended = await site.stream()
        await ended.untilNamed('connected')
        await site.trunkline.disconnect({ userId: 'ann' })
        await ended.untilEnd()
      }
      // What is made once, for the first ones, is nothing left behind.
      await round()
      const before = await leastOf(() => residue.call(site.host), 100)
      await round()
      // Of a host that clears up later: as long as it may take.
      const after = await leastOf(() => residue.call(site.host), 1_000, before)
      check(after <= before, `residue: got ${after} after eleven streams more, wanted ${before} as before them.`)
    },
  },
]

/** The least that a count comes to within a time; no more waiting once it is low enough. */
async function leastOf(count: () => number, ms: number, enough = 0): Promise<number> {
  const end = Date.now() + ms
  let least = count()
  while (least > enough && Date.now() < end) {
    await pause(5)
    least = Math.min(least, count())
  }
  return least
}
