import { afterEach, describe, expect, test } from 'vitest'

import { createTrunkline, memory, type Trunkline, TrunklineError } from '@trunkline/core'
import { createHttp, createMount, type HttpAnswer, type HttpOptions, type HttpRequest } from '@trunkline/core/http'

import { StreamReader } from './support.ts'

const errors: unknown[] = []
const opened: Trunkline[] = []
const clientScript = { source: 'script()', etag: '"abc"', integrity: 'sha384-x' }

function http(options: HttpOptions = {}, trunklineOptions = {}) {
  const trunkline = createTrunkline({
    ...memory(),
    canRead: () => true,
    onError: (error) => errors.push(error),
    ...trunklineOptions,
  })
  opened.push(trunkline)
  const answer = createHttp(trunkline, { clientScript, ...options })
  const ask = (
    url: string,
    request: Partial<HttpRequest> & { headers?: Record<string, string> } = {},
  ): Promise<HttpAnswer | null> =>
    answer({
      method: 'GET',
      url,
      params: {},
      header: (name) => request.headers?.[name] ?? null,
      identify: () => null,
      toRequest: () => new Request(`http://localhost${url}`),
      ...request,
    })
  return { trunkline, ask }
}

async function stream(answer: HttpAnswer | null): Promise<StreamReader> {
  if (answer === null || answer.body === null || typeof answer.body === 'string')
    throw new Error(`No stream: ${JSON.stringify(answer)}`)
  const reader = new StreamReader(answer.body)
  return reader.until(() => reader.frames.length > 0)
}

function code(answer: HttpAnswer | null): unknown {
  return typeof answer?.body === 'string' ? (JSON.parse(answer.body) as { error: string }).error : undefined
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((trunkline) => trunkline.stop({ graceMs: 0 })))
  errors.length = 0
})

describe('routes and methods', () => {
  test('the stream is at /sse, with or without a slash, with headers that proxies respect', async () => {
    const { ask } = http()
    for (const url of ['/sse', '/sse/', '/sse?x=1']) {
      const answer = await ask(url)
      expect(answer?.status).toBe(200)
      expect(Object.fromEntries(answer?.headers ?? [])).toEqual({
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      })
    }
    expect(await ask('/')).toBeNull()
    expect(await ask('/sse/x')).toBeNull()
  })

  test('HEAD opens no stream, and is refused as GET would be', async () => {
    const { ask, trunkline } = http()
    const answer = await ask('/sse', { method: 'HEAD' })
    expect(answer).toMatchObject({ status: 200, body: null })
    expect(answer?.headers.get('content-type')).toContain('text/event-stream')
    expect((await ask('/sse', { method: 'HEAD', identify: () => false }))?.status).toBe(401)
    expect(trunkline.stats().connections).toBe(0)
  })

  test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s is 405 and says what is allowed', async (method) => {
    const answer = await http().ask('/sse', { method })
    expect(answer?.status).toBe(405)
    expect(answer?.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  })

  test('the script has an ETag, and is not sent again to who has it', async () => {
    const { ask } = http()
    const answer = await ask('/client.js')
    expect(answer).toMatchObject({ status: 200, body: 'script()' })
    expect(answer?.headers.get('etag')).toBe('"abc"')
    for (const known of ['"abc"', 'W/"abc"', '"x", "abc"']) {
      expect(await ask('/client.js', { headers: { 'if-none-match': known } })).toMatchObject({ status: 304, body: null })
    }
    expect(await http({ routes: { script: false } }).ask('/client.js')).toBeNull()
    expect((await http({ routes: { stream: '/', script: '/t.js' } }).ask('/'))?.status).toBe(200)
  })

  test('an Accept that excludes the stream is 406', async () => {
    const { ask } = http()
    expect((await ask('/sse', { headers: { accept: 'application/json' } }))?.status).toBe(406)
    expect((await ask('/sse', { headers: { accept: 'text/html, */*;q=0.1' } }))?.status).toBe(200)
  })
})

describe('who it is', () => {
  test('an id, null and undefined open a stream; false is 401', async () => {
    const { ask } = http()
    for (const identity of ['a', 1, 2n, null, undefined, { userId: 3 }, { userId: null }]) {
      expect((await ask('/sse', { identify: () => identity }))?.status).toBe(200)
    }
    expect((await ask('/sse', { identify: () => Promise.resolve(false) }))?.status).toBe(401)
  })

  test.each([
    ["''", () => ''],
    ['NaN', () => Number.NaN],
    ['true', () => true as never],
    [
      'an exception',
      () => {
        throw new Error('secret of the server')
      },
    ],
    ['a rejection', () => Promise.reject(new Error('secret of the server'))],
  ])('%s is a 500 that is reported and tells nothing', async (_, identify) => {
    const answer = await http().ask('/sse', { identify })
    expect(answer?.status).toBe(500)
    expect(answer?.body).not.toContain('secret')
    expect(errors).toHaveLength(1)
  })

  test('user reaches canRead and beforeSend, with a request made only when asked for', async () => {
    let made = 0
    const seen: unknown[] = []
    const { ask, trunkline } = http(
      {},
      {
        canRead: ({ user, request }: { user: unknown; request: Request }) => {
          seen.push(user, new URL(request.url).searchParams.get('channel'))
          return true
        },
      },
    )
    const toRequest = (): Request => {
      made++
      return new Request('http://localhost/sse?channel=c')
    }
    const reader = await stream(await ask('/sse?channel=c', { identify: () => ({ userId: 1, user: { email: 'x' } }), toRequest }))
    expect(seen).toEqual([{ email: 'x' }, 'c'])
    expect(made).toBe(1)
    const next = reader.untilEvents(1)
    await trunkline.publishToChannel({ channel: 'c', type: 'x' })
    await next
  })
})

describe('channels', () => {
  test('come repeated in the query, and fixed ones win over it', async () => {
    const { ask, trunkline } = http()
    const chosen = await stream(await ask('/sse?channel=a&channel=b%20c'))
    const fixed = await stream(await ask('/sse?channel=a', { channels: () => ['only'] }))
    const first = chosen.untilEvents(2)
    const second = fixed.untilEvents(1)
    for (const channel of ['a', 'b c', 'only']) await trunkline.publishToChannel({ channel, type: channel })
    await Promise.all([first, second])
    expect(chosen.events.map(({ channel }) => channel)).toEqual(['a', 'b c'])
    expect(fixed.events.map(({ channel }) => channel)).toEqual(['only'])
  })

  test('too many are 400, bad names 400, closed ones 403: before the stream', async () => {
    const { ask } = http({ maxChannels: 2 }, { canRead: ({ channel }: { channel: string }) => channel !== 'closed' })
    expect(code(await ask('/sse?channel=a&channel=b&channel=c'))).toBe('too_many_channels')
    expect(await ask('/sse?channel=')).toMatchObject({ status: 400 })
    const closed = await ask('/sse?channel=closed')
    expect(closed?.status).toBe(403)
    expect(closed?.headers.get('content-type')).toContain('application/json')
  })
})

describe('resume', () => {
  test('Last-Event-ID wins over the last non-empty lastEventId, that over since', async () => {
    const { ask, trunkline } = http()
    const cursors: string[] = [await trunkline.cursor()]
    for (let n = 0; n < 3; n++) cursors.push((await trunkline.publishGlobal({ type: 'x', detail: n })).cursor ?? '')
    const [zero, one, two] = cursors as [string, string, string]
    const from = async (url: string, headers = {}): Promise<unknown> => {
      const reader = await (await stream(await ask(url, { headers }))).untilEvents(1)
      return reader.details[0]
    }
    expect(await from(`/sse?since=${zero}`)).toBe(0)
    expect(await from(`/sse?since=${zero}&lastEventId=${one}`)).toBe(1)
    expect(await from(`/sse?lastEventId=${zero}&lastEventId=${one}&lastEventId=`)).toBe(1)
    expect(await from(`/sse?since=${zero}&lastEventId=${one}`, { 'last-event-id': two })).toBe(2)
  })
})

describe('refusals', () => {
  test('too many streams of a user are 429, of a process 503, with a retry-after', async () => {
    const { ask } = http({}, { maxConnections: 2, maxConnectionsPerUser: 1 })
    const identify = () => 1
    await ask('/sse', { identify })
    const user = await ask('/sse', { identify })
    await ask('/sse')
    const full = await ask('/sse')
    expect([user?.status, full?.status]).toEqual([429, 503])
    for (const answer of [user, full]) expect(Number(answer?.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('HEAD asks for rights as GET does, and leaves limits alone', async () => {
    const { ask, trunkline } = http(
      {},
      { canRead: ({ channel }: { channel: string }) => channel !== 'secret', maxConnectionsPerUser: 1 },
    )
    const head = (url: string) => ask(url, { method: 'HEAD', identify: () => 1 })
    expect(await head('/sse?channel=secret')).toMatchObject({ status: 403, body: null })
    expect(await head('/sse?channel=')).toMatchObject({ status: 400, body: null })
    await ask('/sse', { identify: () => 1 })
    // A tab that asks whose stream it would be is about to share the one there is.
    expect(await head('/sse?channel=open')).toMatchObject({ status: 200, body: null })
    expect(trunkline.stats().connections).toBe(1)
    await trunkline.stop({ graceMs: 0 })
    expect(await head('/sse')).toMatchObject({ status: 503, body: null })
  })

  test('channels in the plural are 400 with the right way, unless the server chooses them', async () => {
    const { ask } = http()
    const refused = await ask('/sse?channels=a,b')
    expect([refused?.status, code(refused)]).toEqual([400, 'unknown_parameter'])
    expect(refused?.body).toContain('?channel=a&channel=b')
    expect(await ask('/sse?channels=a,b', { channels: () => ['a'] })).toMatchObject({ status: 200 })
  })

  test('an identify that hangs is 503, reported, and holds nothing', async () => {
    const { ask, trunkline } = http({}, { hookTimeoutMs: 20 })
    const answer = await ask('/sse', { identify: () => new Promise(() => {}) })
    expect([answer?.status, code(answer)]).toEqual([503, 'hook_failed'])
    expect(Number(answer?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(errors).toMatchObject([{ code: 'hook_failed', message: 'identify gave no answer within 20 ms (hookTimeoutMs).' }])
    expect(await ask('/sse', { channels: () => new Promise(() => {}) })).toMatchObject({ status: 503 })
    expect(errors).toHaveLength(2)
    expect(trunkline.stats().connections).toBe(0)
  })

  test('a store that is away is 503, and reported once for a crowd', async () => {
    const { store, notifier } = memory()
    const away = () => Promise.reject(new TrunklineError('store_unavailable', 'The database is away.'))
    const { ask } = http({}, { notifier, store: Object.assign(Object.create(store) as object, { bounds: away, read: away }) })
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('/sse')))
    expect(new Set(answers.map((answer) => answer?.status))).toEqual(new Set([503]))
    expect(errors).toMatchObject([{ code: 'store_unavailable', message: 'The database is away.' }])
  })

  test('channels that are closed for want of canRead are reported once, those that canRead closes never', async () => {
    const { ask } = http({}, { canRead: undefined })
    for (const url of ['/sse?channel=a', '/sse?channel=b']) expect(await ask(url)).toMatchObject({ status: 403 })
    expect(errors).toMatchObject([{ code: 'forbidden' }])
    expect(String(errors[0])).toContain('until createTrunkline gets a canRead')
    expect(await http({}, { canRead: () => false }).ask('/sse?channel=a')).toMatchObject({ status: 403 })
    expect(errors).toHaveLength(1)
  })

  test('a server that is stopping or cannot reach its store is 503', async () => {
    const { ask, trunkline } = http()
    await trunkline.stop()
    expect(await ask('/sse')).toMatchObject({ status: 503 })
  })
})

describe('CORS', () => {
  test('without it, no header; OPTIONS is answered all the same', async () => {
    const { ask } = http()
    const answer = await ask('/sse', { headers: { origin: 'https://a.example' } })
    expect(answer?.headers.get('access-control-allow-origin')).toBeNull()
    expect(await ask('/sse', { method: 'OPTIONS' })).toMatchObject({ status: 204 })
  })

  test('the origin is matched against a list or a function, and the answer varies by it, also when it is refused', async () => {
    for (const origins of [['https://a.example'], async (origin: string) => origin === 'https://a.example']) {
      const { ask } = http({ cors: { origins, credentials: true } })
      const allowed = await ask('/sse', { headers: { origin: 'https://a.example' }, identify: () => false })
      expect(allowed?.status).toBe(401)
      expect(allowed?.headers.get('access-control-allow-origin')).toBe('https://a.example')
      expect(allowed?.headers.get('access-control-allow-credentials')).toBe('true')
      const other = await ask('/sse', { headers: { origin: 'https://b.example' } })
      expect(other?.headers.get('access-control-allow-origin')).toBeNull()
      expect([allowed, other].map((answer) => answer?.headers.get('vary'))).toEqual(['Origin', 'Origin'])
    }
  })

  test('a preflight is allowed the headers it may need, and is remembered', async () => {
    const { ask } = http({ cors: { origins: '*', headers: ['x-token'] } })
    const answer = await ask('/sse', { method: 'OPTIONS', headers: { origin: 'https://a.example' } })
    expect(Object.fromEntries(answer?.headers ?? [])).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'last-event-id, x-token',
      'access-control-max-age': '7200',
    })
  })

  test('credentials for every origin are refused at the start', () => {
    expect(() => http({ cors: { origins: '*', credentials: true } })).toThrow(/named origins/)
  })
})

test('a mount is taken off with its parameters, at a segment’s end only', () => {
  expect(createMount('/realtime')('/realtime/sse?x=1')).toEqual({ url: '/sse?x=1', params: {} })
  expect(createMount('/realtime')('/realtimes/sse')).toBeNull()
  expect(createMount('/rooms/:room')('/rooms/a%20b/sse')).toEqual({ url: '/sse', params: { room: 'a b' } })
  expect(createMount('/')('/sse')).toEqual({ url: '/sse', params: {} })
  expect(createMount(undefined)('/realtime/sse')).toEqual({ url: '/sse', params: {} })
  expect(createMount(undefined)('/sse')).toEqual({ url: '/sse', params: {} })
})
