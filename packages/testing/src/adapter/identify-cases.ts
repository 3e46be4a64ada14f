import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import { pause } from '../pause.ts'
import type { AdapterUnderTest } from './adapter-under-test.ts'
import type { Site } from './site.ts'
import type { Identity } from './types.ts'

/** Who it is. */
export const identifyCases: readonly CaseDefinition<AdapterUnderTest>[] = [
  {
    name: 'identify says whose events a stream gets',
    must: "`identify` MUST be asked with the host's own request, and its id decide whose events come.",
    async run(adapter) {
      const site = await adapter.open({ identify: (header) => header('x-user') })
      await getsTheEventsOf(site, 'ann')
      site.reported()
    },
  },
  {
    name: 'identify may take its time',
    must: '`identify` MUST be awaited, and a number be an id as its text is.',
    async run(adapter) {
      const identify = async (): Promise<Identity> => {
        await pause(10)
        return 7
      }
      await getsTheEventsOf(await adapter.open({ identify }), '7')
    },
  },
  {
    name: 'null and undefined are anonymous',
    must: 'null and undefined MUST be an anonymous client, who gets global events and those of nobody else.',
    async run(adapter) {
      for (const nobody of [null, undefined]) {
        const site = await adapter.open({ identify: () => nobody })
        const stream = await site.stream()
        for (const userId of ['null', 'undefined', '0']) await site.trunkline.publish({ userId, type: 'said', detail: userId })
        await site.trunkline.publishGlobal({ type: 'said', detail: 'to all' })
        same('details', (await stream.untilEvents(1)).details, ['to all'])
      }
    },
  },
  {
    name: 'false is refused',
    must: 'false, now or later, MUST be refused with 401 and open nothing.',
    async run(adapter) {
      for (const identify of [() => false as const, async () => false as const]) {
        const site = await adapter.open({ identify })
        const { status, error } = await site.refusal()
        same('refusal', [status, error], [401, 'unauthorized'])
        same('connections', site.trunkline.stats().connections, 0)
      }
    },
  },
  {
    name: 'an identify that fails is 500 and is reported',
    must: 'A failure of `identify`, and an answer that is no id, MUST be 500 and reported: never an anonymous client, never its text.',
    async run(adapter) {
      const fail = (): never => {
        throw new Error('the secret text')
      }
      const answers: (() => Identity | Promise<Identity>)[] = [fail, async () => fail(), () => '', () => Number.NaN]
      for (const identify of answers) {
        const site = await adapter.open({ identify })
        const [status, text] = await site.answer('/sse')
        same('status', status, 500)
        check(!text.includes('secret'), `The answer tells a client what went wrong: ${text}`)
        site.reported('identify')
        same('connections', site.trunkline.stats().connections, 0)
      }
    },
  },
  {
    name: 'an identity that expires ends its stream',
    must: '`expiresAt` MUST reach core: the stream ends then, with a goodbye that brings the client back.',
    async run(adapter) {
      const site = await adapter.open({ identify: () => ({ userId: 'ann', expiresAt: new Date(Date.now() + 60) }) })
      const stream = await site.stream()
      const { data } = await stream.untilNamed('goodbye')
      same('goodbye', JSON.parse(data ?? ''), { reason: 'expired' })
      same('whether there is more', await stream.read(), false)
      await site.connections(0)
    },
  },
  {
    name: 'the user reaches the hooks',
    must: '`user` MUST reach canRead and beforeSend as identify gave it.',
    async run(adapter) {
      const user = { name: 'Ann' }
      const seen: unknown[] = []
      const site = await adapter.open({
        identify: () => ({ userId: 'ann', user }),
        server: {
          canRead: (reader) => (seen.push(reader.user === user), true),
          beforeSend: (event, { audience }) => (seen.push(audience.user === user), event),
        },
      })
      const stream = await site.stream('/sse?channel=a')
      await site.trunkline.publish({ userId: 'ann', type: 'said', detail: 1 })
      await stream.untilEvents(1)
      same('whether the hooks got the user', seen, [true, true])
    },
  },
]

async function getsTheEventsOf(site: Site, userId: string): Promise<void> {
  const stream = await site.stream('/sse', { headers: { 'x-user': userId } })
  await site.trunkline.publish({ userId: 'another', type: 'said', detail: 'to another' })
  await site.trunkline.publish({ userId, type: 'said', detail: 'to us' })
  same('details', (await stream.untilEvents(1)).details, ['to us'])
}
