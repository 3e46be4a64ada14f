import { same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { AdapterUnderTest } from './adapter-under-test.ts'
import type { Site } from './site.ts'
import type { AskOptions } from './types.ts'

/** Which channels a stream has. */
export const channelCases: readonly CaseDefinition<AdapterUnderTest>[] = [
  {
    name: 'channels come from the query',
    must: 'Without the option `channels` each `?channel=` MUST be one, decoded.',
    async run(adapter) {
      const site = await adapter.open()
      await reads(site, '/sse?channel=a&channel=b%26c+d', ['a', 'b&c d'])
      await reads(site, '/sse', [])
    },
  },
  {
    name: 'fixed channels win over the query',
    must: 'With the option `channels` the query MUST NOT choose any: a client could widen what it reads.',
    async run(adapter) {
      await reads(await adapter.open({ channels: ['a', 'b'] }), '/sse?channel=c', ['a', 'b'])
      await reads(await adapter.open({ channels: [] }), '/sse?channel=c', [])
    },
  },
  {
    name: 'templates are filled in from the mount',
    must: '`{token}` MUST be what stands in the path at `:token`, decoded; a slash that is encoded ends no segment.',
    async run(adapter) {
      const site = await adapter.open({ path: '/rooms/:room/of/:who', channels: ['{who}-{room}', 'all'] })
      for (const [path, room] of [
        ['/rooms/7/of/ann/sse', '7'],
        ['/rooms/a%20b%2Fc/of/ann/sse?channel=x', 'a b/c'],
        ['/rooms/%C3%BC/of/ann/sse/', 'ü'],
      ] as const) {
        await reads(site, path, [`ann-${room}`, 'all'], { from: 'host' })
      }
    },
  },
  {
    name: 'a template without its parameter opens nothing',
    must: 'A `{token}` that nothing in the path fills MUST be a 500 that is reported: as a channel of that name all would share it.',
    async run(adapter) {
      const site = await adapter.open({ path: '/rooms/:room', channels: ['room-{who}'] })
      const response = await site.askHost('/rooms/7/sse')
      same('status', response.status, 500)
      site.reported('connection')
      same('connections', site.trunkline.stats().connections, 0)
    },
  },
  {
    name: 'a function chooses channels by request and path',
    must: "A function in `channels` MUST be asked with the host's own request and the parameters of the mount, and be awaited.",
    async run(adapter) {
      const site = await adapter.open({
        path: '/rooms/:room',
        channels: async (header, params) => [`${header('x-user')} in ${params['room']}`],
      })
      await reads(site, '/rooms/7/sse?channel=x', ['ann in 7'], { from: 'host', headers: { 'x-user': 'ann' } })
    },
  },
  {
    name: 'a function that fails opens nothing',
    must: 'A function in `channels` that throws MUST be a 500 that is reported, and open nothing.',
    async run(adapter) {
      const site = await adapter.open({
        channels: () => {
          throw new Error('the secret text')
        },
      })
      const { status, error } = await site.refusal()
      same('refusal', [status, error], [500, 'internal'])
      site.reported('connection')
      same('connections', site.trunkline.stats().connections, 0)
    },
  },
]

/** Fails unless a stream reads these channels, and none besides of those that the cases have. */
async function reads(
  site: Site,
  path: string,
  channels: readonly string[],
  { from, ...options }: AskOptions & { readonly from?: 'host' } = {},
): Promise<void> {
  const response = await (from === 'host' ? site.askHost(path, options) : site.ask(path, options))
  const stream = await site.reading(response, path)
  for (const channel of ['a', 'c', 'x', '{who}-{room}', ...channels]) {
    await site.trunkline.publishToChannel({ channel, type: 'said', detail: channel })
  }
  await site.trunkline.publishGlobal({ type: 'said', detail: 'the last' })
  await stream.until('the last event', ({ data }) => data?.includes('the last') === true)
  const wanted = [...channels, 'the last']
  const got = new Set(stream.details)
  same(`channels of ${path}`, { more: [...got].filter((channel) => !wanted.includes(String(channel))) }, { more: [] })
  same(`channels of ${path}`, { missing: wanted.filter((channel) => !got.has(channel)) }, { missing: [] })
  stream.leave()
}
