import { describe, expect, test } from 'vitest'

import { clientScript } from '@trunkline/client/script'

import { createSite, StreamReader } from './support.ts'

describe('paths', () => {
  test('the stream is under /realtime or where the framework has mounted it, with or without a slash at its end', async () => {
    await using site = createSite()
    for (const path of ['/realtime/sse', '/realtime/sse/', '/realtime/sse?x=1', '/sse']) {
      const { status, headers } = await site.ask(path)
      expect([path, status, headers.get('content-type')]).toEqual([path, 200, 'text/event-stream; charset=utf-8'])
    }
  })

  test('a mount of its own has its streams there, with channels filled in from the path, and nowhere else', async () => {
    await using site = createSite({ path: '/rooms/:room', channels: ['room-{room}'], routes: { stream: '/', script: '/t.js' } })
    const paths = ['/rooms/7/t.js', '/rooms', '/rooms/7/8', '/sse', '/realtime/sse']
    const statuses = await Promise.all(paths.map(async (path) => (await site.ask(path)).status))
    expect(statuses).toEqual([200, 404, 404, 404, 404])

    const seven = new StreamReader(await site.ask('/rooms/7'))
    const slashed = new StreamReader(await site.ask('/rooms/7/'))
    await site.trunkline.publishToChannel({ channel: 'room-8', type: 'said', detail: 'to the others' })
    await site.trunkline.publishToChannel({ channel: 'room-7', type: 'said', detail: 'to us' })
    expect((await seven.untilDetails(1)).details).toEqual(['to us'])
    expect((await slashed.untilDetails(1)).details).toEqual(['to us'])
  })

  test.each(['/', '/elsewhere', '/realtime', '/realtime/sse/more', '//[', '/realtime//[', '/realtime/%'])(
    '%s is 404',
    async (path) => {
      await using site = createSite()
      const response = await site.ask(`https://example.org${path}`)
      expect([response.status, await response.text()]).toEqual([404, ''])
      expect(site.failures).toEqual([])
    },
  )
})

describe('methods', () => {
  test('HEAD has the headers of the stream and opens none', async () => {
    await using site = createSite()
    const { status, headers, body } = await site.ask('/realtime/sse', { method: 'HEAD' })
    expect([status, headers.get('content-type'), body]).toEqual([200, 'text/event-stream; charset=utf-8', null])
    expect(site.trunkline.stats().connections).toBe(0)
  })

  test('OPTIONS answers a preflight with what the origin may do', async () => {
    await using site = createSite({ cors: { origins: ['https://a.example'], credentials: true } })
    const { status, headers } = await site.ask('/realtime/sse', { method: 'OPTIONS', headers: { origin: 'https://a.example' } })
    expect(status).toBe(204)
    expect(Object.fromEntries(headers)).toMatchObject({
      allow: 'GET, HEAD, OPTIONS',
      vary: 'Origin',
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-credentials': 'true',
    })
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is 405, says what is allowed, and opens no stream', async (method) => {
    await using site = createSite()
    const response = await site.ask('/realtime/sse', { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect(await response.json()).toMatchObject({ error: 'method_not_allowed' })
    expect(site.trunkline.stats().connections).toBe(0)
  })
})

describe('the client script', () => {
  test('is the built client, and is not sent again to who has it', async () => {
    await using site = createSite()
    const first = await site.ask('/realtime/client.js')
    const etag = first.headers.get('etag') ?? ''
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
    expect(await first.text()).toBe(clientScript.source)

    const again = await site.ask('/realtime/client.js', { headers: { 'if-none-match': etag } })
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, ''])
    const other = await site.ask('/realtime/client.js', { headers: { 'if-none-match': '"of last year"' } })
    expect([other.status, await other.text()]).toEqual([200, clientScript.source])
    const head = await site.ask('/realtime/client.js', { method: 'HEAD' })
    expect([head.status, head.headers.get('etag'), head.body]).toEqual([200, clientScript.etag, null])
  })

  test('can be switched off', async () => {
    await using site = createSite({ routes: { script: false } })
    expect((await site.ask('/realtime/client.js')).status).toBe(404)
  })
})
