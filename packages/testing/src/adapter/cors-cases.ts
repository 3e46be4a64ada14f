import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { AdapterUnderTest } from './adapter-under-test.ts'

const origin = 'https://a.example'
const stranger = 'https://b.example'

/** Which other origins may read. */
export const corsCases: readonly CaseDefinition<AdapterUnderTest>[] = [
  {
    name: 'without cors no origin may read',
    must: 'Without the option `cors` there MUST NOT be a header of CORS, on a stream or on a preflight.',
    async run(adapter) {
      const site = await adapter.open()
      const stream = await site.stream('/sse', { headers: { origin } })
      same('headers of a stream', corsOf(stream.headers), {})
      const { status, headers } = await preflight(site.ask('/sse', preflightOf(origin)))
      same('preflight', [status, corsOf(headers)], [204, {}])
    },
  },
  {
    name: 'an origin that may read is named on the stream',
    must: 'The Origin header MUST reach core, and the headers of CORS be on the stream, with `vary` for caches.',
    async run(adapter) {
      const site = await adapter.open({ settings: { cors: { origins: [origin], credentials: true } } })
      const { headers } = await site.stream('/sse', { headers: { origin } })
      same('headers', corsOf(headers), {
        'access-control-allow-credentials': 'true',
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'retry-after, trunkline-identity',
      })
      check(/\borigin\b/i.test(headers.get('vary') ?? ''), `vary: got ${headers.get('vary')}, wanted Origin in it.`)
    },
  },
  {
    name: 'another origin is not named',
    must: 'For another origin there MUST NOT be a header of CORS; `vary` stays, so that no cache mixes the two up.',
    async run(adapter) {
      const site = await adapter.open({ settings: { cors: { origins: async (asked) => asked === origin, credentials: true } } })
      const { headers } = await site.stream('/sse', { headers: { origin: stranger } })
      same('headers', corsOf(headers), {})
      check(/\borigin\b/i.test(headers.get('vary') ?? ''), `vary: got ${headers.get('vary')}, wanted Origin in it.`)
      const refused = await preflight(site.ask('/sse', preflightOf(stranger)))
      same('preflight', corsOf(refused.headers), {})
      same('the origin that may', corsOf((await site.stream('/sse', { headers: { origin } })).headers)[allowed], origin)
    },
  },
  {
    name: 'a preflight is answered with what is allowed',
    must: 'A preflight MUST be 204 with methods, headers and its lifetime, without a body.',
    async run(adapter) {
      const cors = { origins: [origin], credentials: true, headers: ['x-token'], maxAgeS: 60 }
      const site = await adapter.open({ settings: { cors }, identify: () => false })
      const { status, headers, text } = await preflight(site.ask('/sse', preflightOf(origin)))
      same('preflight', [status, text], [204, ''])
      same('headers', corsOf(headers), {
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': 'last-event-id, x-token',
        'access-control-allow-methods': 'GET, HEAD',
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'retry-after, trunkline-identity',
        'access-control-max-age': '60',
      })
    },
  },
  {
    name: 'a refusal has the headers of CORS too',
    must: 'A refusal MUST carry the headers of CORS: a page that may read has to learn why it was refused.',
    async run(adapter) {
      const site = await adapter.open({ settings: { cors: { origins: '*' } }, identify: () => false })
      const { status, headers } = await site.refusal('/sse', { headers: { origin } })
      same('refusal', [status, headers.get(allowed)], [401, '*'])
    },
  },
]

const allowed = 'access-control-allow-origin'

function preflightOf(from: string) {
  return { method: 'OPTIONS', headers: { origin: from, 'access-control-request-method': 'GET' } }
}

async function preflight(answer: Promise<Response>) {
  const response = await answer
  return { status: response.status, headers: response.headers, text: await response.text() }
}

function corsOf(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')))
}
