import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'

import { describe, expect, test } from 'vitest'

import { nodeAdapter } from '@trunkline/adapter-node-http'
import { clientScript } from '@trunkline/client/script'
import { createTrunkline, memory } from '@trunkline/core'

import { ask, listen, startSite } from './support.ts'

describe('paths', () => {
  test('the stream is under /realtime, with or without a slash at its end', async () => {
    await using site = await startSite()
    for (const path of ['/realtime/sse', '/realtime/sse/', '/realtime/sse?x=1']) {
      const answer = await ask(site.origin + path)
      expect([path, answer.response.statusCode, answer.response.headers['content-type']]).toEqual([
        path,
        200,
        'text/event-stream; charset=utf-8',
      ])
    }
  })

  test('a mount of its own has its streams there, and nowhere else', async () => {
    await using site = await startSite({ path: '/deep/:room/events', routes: { stream: '/', script: '/t.js' } })
    const statuses = await Promise.all(
      [
        '/deep/7/events',
        '/deep/7/events/',
        '/deep/7/events/t.js',
        '/deep/events',
        '/deep/7/8/events',
        '/sse',
        '/realtime/sse',
      ].map(async (path) => (await ask(site.origin + path)).response.statusCode),
    )
    expect(statuses).toEqual([200, 200, 200, 404, 404, 404, 404])
  })

  test('the whole URL is taken for a path, as clients of a proxy send it', async () => {
    await using site = await startSite()
    const { hostname, port } = new URL(site.origin)
    const [response] = (await once(get({ hostname, port, path: 'http://example.org/realtime/client.js' }), 'response')) as [
      IncomingMessage,
    ]
    response.resume()
    expect(response.statusCode).toBe(200)
  })

  test('a Host that is none keeps nobody from being asked about', async () => {
    const asked: (string | undefined)[] = []
    const trunkline = createTrunkline({ ...memory(), canRead: ({ request }) => asked.push(request?.url) > 0 })
    await using site = await startSite({}, trunkline)
    const answer = await ask(`${site.origin}/realtime/sse?channel=a`, { headers: { host: 'not a host' } })
    expect(answer.response.statusCode).toBe(200)
    expect(asked).toEqual(['http://localhost/realtime/sse?channel=a'])
    await trunkline.stop()
  })

  test('channels are filled in from the path', async () => {
    await using site = await startSite({ path: '/rooms/:room', channels: ['room-{room}'] })
    const seven = await ask(`${site.origin}/rooms/7/sse`)
    await site.trunkline.publishToChannel({ channel: 'room-8', type: 'said', detail: 'to the others' })
    await site.trunkline.publishToChannel({ channel: 'room-7', type: 'said', detail: 'to us' })
    expect((await seven.untilDetails(1)).details).toEqual(['to us'])
  })

  test('where a framework has taken the mount off, the paths are looked at as they come', async () => {
    await using site = await startSite()
    expect((await ask(`${site.origin}/sse`)).response.statusCode).toBe(200)
    expect((await ask(`${site.origin}/client.js`)).response.statusCode).toBe(200)
  })

  test('what is not ours is 404, or is handed on to who comes next', async () => {
    await using site = await startSite()
    const answer = await ask(`${site.origin}/elsewhere`)
    expect([answer.response.statusCode, await answer.text()]).toEqual([404, ''])

    const realtime = nodeAdapter(site.trunkline, { identify: () => null })
    const server = createServer((req, res) => realtime(req, res, (error) => res.end(error === undefined ? 'next' : 'failed')))
    const { origin, stop } = await listen(server)
    expect(await (await ask(`${origin}/elsewhere`)).text()).toBe('next')
    expect(await (await ask(`${origin}/realtime/nothing`)).text()).toBe('next')
    await stop()
  })

  test.each(['//[', '/realtime//[', '/realtime/%', '/realtime/sse/..%2f', '*'])(
    '%j, a path that means nothing, is 404 and no failure',
    async (path) => {
      await using site = await startSite()
      expect((await ask(site.origin, { path })).response.statusCode).toBe(404)
      expect(site.failures).toEqual([])
    },
  )
})

describe('methods', () => {
  test('HEAD has the headers of the stream and opens none', async () => {
    await using site = await startSite()
    const answer = await ask(`${site.origin}/realtime/sse`, { method: 'HEAD' })
    expect(answer.response.statusCode).toBe(200)
    expect(answer.response.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expect(await answer.text()).toBe('')
    expect(site.trunkline.stats().connections).toBe(0)
  })

  test('OPTIONS answers a preflight with what the origin may do', async () => {
    await using site = await startSite({ cors: { origins: ['https://a.example'], credentials: true } })
    const headers = { origin: 'https://a.example', 'access-control-request-method': 'GET' }
    const { response } = await ask(`${site.origin}/realtime/sse`, { method: 'OPTIONS', headers })
    expect(response.statusCode).toBe(204)
    expect(response.headers).toMatchObject({
      allow: 'GET, HEAD, OPTIONS',
      vary: 'Origin',
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD',
    })
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is 405, says what is allowed, and opens no stream', async (method) => {
    await using site = await startSite()
    const answer = await ask(`${site.origin}/realtime/sse`, { method })
    expect([answer.response.statusCode, answer.response.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect(JSON.parse(await answer.text())).toMatchObject({ error: 'method_not_allowed' })
    expect(site.trunkline.stats().connections).toBe(0)
  })
})

describe('the client script', () => {
  test('is the built client, and is not sent again to who has it', async () => {
    await using site = await startSite()
    const first = await ask(`${site.origin}/realtime/client.js`)
    const { etag = '' } = first.response.headers
    expect(first.response.statusCode).toBe(200)
    expect(first.response.headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(await first.text()).toBe(clientScript.source)

    const again = await ask(`${site.origin}/realtime/client.js`, { headers: { 'if-none-match': etag } })
    expect([again.response.statusCode, again.response.headers.etag, await again.text()]).toEqual([304, etag, ''])
    const other = await ask(`${site.origin}/realtime/client.js`, { headers: { 'if-none-match': '"of last year"' } })
    expect([other.response.statusCode, await other.text()]).toEqual([200, clientScript.source])
  })

  test('has no body under HEAD, and can be switched off', async () => {
    await using site = await startSite()
    const head = await ask(`${site.origin}/realtime/client.js`, { method: 'HEAD' })
    expect([head.response.statusCode, head.response.headers.etag, await head.text()]).toEqual([200, clientScript.etag, ''])
    await using without = await startSite({ routes: { script: false } })
    expect((await ask(`${without.origin}/realtime/client.js`)).response.statusCode).toBe(404)
  })
})
