import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { AdapterUnderTest } from './adapter-under-test.ts'
import type { Site } from './site.ts'

/** Where things are. */
export const routeCases: readonly CaseDefinition<AdapterUnderTest>[] = [
  {
    name: 'the stream is under its mount, with and without a slash at its end',
    must: 'Paths MUST be looked for under the mount, however deep, with the query left as it is.',
    async run(adapter) {
      for (const path of ['/realtime', '/deep/er/live.v1']) {
        const site = await adapter.open({ path })
        for (const route of ['/sse', '/sse/', '/sse?x=1', '/sse/?x=/client.js']) await site.stream(route)
      }
    },
  },
  {
    name: 'a stream may be at the mount itself',
    must: 'The option `routes` MUST reach core, and the mount itself be answered with and without a slash.',
    async run(adapter) {
      const site = await adapter.open({ settings: { routes: { stream: '/' } } })
      for (const route of ['', '/', '?x=1', '/?x=1']) await (await site.stream(route)).untilNamed('connected')
      await isElsewhere(site, '/sse')
    },
  },
  {
    name: 'routes may be moved',
    must: 'The option `routes` MUST reach core: what was moved is found there and not where it was.',
    async run(adapter) {
      const site = await adapter.open({ settings: { routes: { stream: '/a/b', script: '/t.js' } } })
      await site.stream('/a/b')
      await site.stream('/a/b/')
      same('status of the script', (await site.answer('/t.js'))[0], 200)
      await isElsewhere(site, '/sse')
      await isElsewhere(site, '/client.js')
    },
  },
  {
    name: 'the client script is served with a tag, and not again to who has it',
    must: 'The script MUST come with its bytes, type and ETag; 304 without a body to who names that tag, also a weakened one.',
    async run(adapter) {
      const site = await adapter.open({ identify: () => false })
      const response = await site.ask('/client.js')
      same('status', response.status, 200)
      same('content-type', response.headers.get('content-type'), 'text/javascript; charset=utf-8')
      same('x-content-type-options', response.headers.get('x-content-type-options'), 'nosniff')
      check((await response.text()).length > 1_000, 'The script is too short to be one.')
      const etag = response.headers.get('etag') ?? ''
      check(/^"[^"]+"$/.test(etag), `etag: got ${etag}.`)
      for (const tag of [etag, `W/${etag}`, `"x", ${etag}`]) {
        same(`answer to if-none-match: ${tag}`, await site.answer('/client.js', { headers: { 'if-none-match': tag } }), [304, ''])
      }
      same('answer to another tag', (await site.answer('/client.js', { headers: { 'if-none-match': '"x"' } }))[0], 200)
      same('answer to HEAD', await site.answer('/client.js', { method: 'HEAD' }), [200, ''])
    },
  },
  {
    name: 'what is not ours goes to the host',
    must: 'What the adapter has no route for MUST be left to the host, with every method and untouched, and nobody be identified for it.',
    async run(adapter) {
      let asked = 0
      const site = await adapter.open({ identify: () => (asked++, null) })
      for (const path of ['/elsewhere', '/', '/realtimes/sse', '/x/realtime/sse']) await isElsewhere(site, path, '')
      for (const path of ['/nothing', '/sse/more', '/ssee', '/acknowledge']) await isElsewhere(site, path)
      same('times identify was asked', asked, 0)
      site.reported()
    },
  },
  {
    name: 'paths that mean nothing are no failure',
    must: 'A path that is no URL or no UTF-8 MUST be answered and nothing else: anyone may send it.',
    async run(adapter) {
      const site = await adapter.open({ path: '/rooms/:room' })
      const statuses = await Promise.all(
        ['/rooms/%', '/rooms/%E0%A4%A/none', '/rooms//', '/%/sse', '/rooms/a/%2e'].map(
          async (path) => (await site.askHost(path)).status,
        ),
      )
      check(
        statuses.every((status) => status < 500),
        `statuses: got ${statuses.join(', ')}, wanted none of 500 and above.`,
      )
      site.reported()
    },
  },
  {
    name: 'hooks get the request as it came',
    must: 'The Request that hooks get MUST have the whole URL, mount and query included, and the headers.',
    async run(adapter) {
      const seen: unknown[] = []
      const site = await adapter.open({
        path: '/deep/live',
        server: {
          canRead: ({ request }) => {
            const { pathname, search } = new URL(request?.url ?? 'http://none')
            seen.push([request?.method, pathname, search, request?.headers.get('x-user')])
            return true
          },
        },
      })
      await site.stream('/sse?channel=a&x=1', { headers: { 'x-user': 'ann' } })
      same('request', seen, [['GET', '/deep/live/sse', '?channel=a&x=1', 'ann']])
      site.reported()
    },
  },
]

/** Fails unless a path, of the host or under the mount, is answered by the host itself. */
async function isElsewhere(site: Site, path: string, under?: ''): Promise<void> {
  for (const method of ['GET', 'POST']) {
    const response = await (under === '' ? site.askHost(path, { method }) : site.ask(path, { method }))
    const text = await response.text()
    const { application } = site.host
    if (application === undefined) same(`status of ${method} ${path}`, response.status, 404)
    else same(`answer to ${method} ${path}`, [response.status, text], [200, application])
  }
}
