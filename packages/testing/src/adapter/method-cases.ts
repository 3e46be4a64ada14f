import { same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { AdapterUnderTest } from './adapter-under-test.ts'

/** What may be asked of the stream, and how. */
export const methodCases: readonly CaseDefinition<AdapterUnderTest>[] = [
  {
    name: 'HEAD has the headers of the stream and opens none',
    must: 'HEAD MUST be answered with the headers of GET, no body and an end, and MUST NOT open a connection.',
    async run(adapter) {
      const site = await adapter.open()
      const response = await site.ask('/sse', { method: 'HEAD' })
      same('status', response.status, 200)
      same('content-type', response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
      same('cache-control', response.headers.get('cache-control'), 'no-cache, no-transform')
      same('body', await response.text(), '')
      same('connections', site.trunkline.stats().connections, 0)
      const { data } = await (await site.stream()).untilNamed('connected')
      const { identity } = JSON.parse(data ?? '') as { readonly identity: string }
      same('trunkline-identity', response.headers.get('trunkline-identity'), identity)
    },
  },
  {
    name: 'HEAD is refused as GET is',
    must: 'HEAD of what is refused MUST have the same status, without a body.',
    async run(adapter) {
      const site = await adapter.open({ identify: () => false })
      same('answer to HEAD', await site.answer('/sse', { method: 'HEAD' }), [401, ''])
      const closed = await adapter.open({ server: { canRead: ({ channel }) => channel === 'open' } })
      same('answer to HEAD of a channel', await closed.answer('/sse?channel=closed', { method: 'HEAD' }), [403, ''])
      same('answer to HEAD of an open channel', await closed.answer('/sse?channel=open', { method: 'HEAD' }), [200, ''])
    },
  },
  {
    name: 'OPTIONS says which methods there are',
    must: 'OPTIONS MUST be answered with 204 and `allow`, and nobody be identified for it: a preflight has no cookies.',
    async run(adapter) {
      let asked = 0
      const site = await adapter.open({ identify: () => (asked++, null) })
      const response = await site.ask('/sse', { method: 'OPTIONS' })
      same('answer to OPTIONS', [response.status, response.headers.get('allow')], [204, 'GET, HEAD, OPTIONS'])
      same('body', await response.text(), '')
      same('times identify was asked', asked, 0)
    },
  },
  {
    name: 'other methods are refused',
    must: 'Other methods MUST be refused with 405 and `allow`: the adapter takes every method, so that no other handler gets them.',
    async run(adapter) {
      const site = await adapter.open()
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const { status, error, headers } = await site.refusal('/sse', { method })
        same(`answer to ${method}`, [status, error], [405, 'method_not_allowed'])
        same(`allow of ${method}`, headers.get('allow'), 'GET, HEAD, OPTIONS')
      }
      same('connections', site.trunkline.stats().connections, 0)
    },
  },
  {
    name: 'who accepts no event stream is refused',
    must: 'An Accept that excludes text/event-stream MUST be refused with 406, and any other be served.',
    async run(adapter) {
      const site = await adapter.open()
      for (const accept of ['application/json', 'image/*, application/json']) {
        const { status, error } = await site.refusal('/sse', { headers: { accept } })
        same(`answer to accept: ${accept}`, [status, error], [406, 'not_acceptable'])
      }
      for (const accept of ['text/event-stream', '*/*', 'application/json, text/*;q=0.1']) {
        await site.stream('/sse', { headers: { accept } })
      }
    },
  },
]
