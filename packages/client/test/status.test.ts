import { describe, expect, test } from 'vitest'

import type { ConnectionState } from '../src/types.ts'
import { answering, connected, createClock, createStream, cursor, quickClient, serve, stream, until } from './support.ts'

describe('the status of the answer', () => {
  test.each([
    [204, 'ended'],
    [400, 'bad_request'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'bad_request'],
    [410, 'ended'],
  ])('%i stops the client and says why: %s', async (status, reason) => {
    await using server = await serve((response) => response.writeHead(status).end())
    await using client = quickClient({ endpoint: server.url })
    const states: ConnectionState[] = []
    client.onState((state) => states.push(state))
    await until(() => client.state.status === 'stopped')
    expect(states).toEqual([{ status: 'stopped', reason }])
    client.close()
    expect(client.state).toEqual({ status: 'stopped', reason })
    expect(server.requests).toHaveLength(1)
  })

  test.each([408, 429, 500, 502, 503])('%i is tried again until there is a stream', async (status) => {
    await using server = await serve((response, _request, attempt) => {
      if (attempt < 3) response.writeHead(status, { 'content-type': 'text/event-stream' }).end()
      else stream(response, connected(cursor(1)))
    })
    await using client = quickClient({ endpoint: server.url })
    const states: ConnectionState[] = []
    client.onState((state) => states.push(state))
    await until(() => client.state.status === 'open')
    expect(states).toEqual([
      { status: 'waiting', delayMs: 0, attempt: 1, because: `HTTP ${status}` },
      { status: 'connecting' },
      { status: 'waiting', delayMs: 0, attempt: 2, because: `HTTP ${status}` },
      { status: 'connecting' },
      { status: 'open', cursor: cursor(1), role: 'alone' },
    ])
  })

  test.each(['text/html; charset=utf-8', 'text/eventstream', null])(
    '200 with %s is no stream, and is tried again',
    async (type) => {
      await using server = await serve((response, _request, attempt) => {
        if (attempt === 1) response.writeHead(200, type === null ? {} : { 'content-type': type }).end(connected(cursor(9)))
        else stream(response, connected(cursor(1)))
      })
      await using client = quickClient({ endpoint: server.url })
      const because: string[] = []
      client.onState((state) => state.status === 'waiting' && because.push(state.because))
      await until(() => client.state.status === 'open')
      expect(because).toEqual([`not an event stream: ${type}`])
    },
  )

  test('a server that is not there is tried again', async () => {
    const first = createStream()
    await using client = quickClient(
      { endpoint: 'http://localhost/' },
      { fetch: answering(new TypeError('fetch failed'), first.response) },
    )
    const states: ConnectionState[] = []
    client.onState((state) => states.push(state))
    first.write(connected(cursor(1)))
    await until(() => client.state.status === 'open')
    expect(states[0]).toEqual({ status: 'waiting', delayMs: 0, attempt: 1, because: 'TypeError: fetch failed' })
  })
})

describe('retry-after', () => {
  const clock = createClock()
  const dateIn = (ms: number): string => new Date(Math.ceil((clock.now() + ms) / 1_000) * 1_000).toUTCString()

  test.each([
    ['seconds', '7', 7_000],
    ['a date', dateIn(60_000), 60_000],
    ['a date that is over', dateIn(-60_000), 0],
    ['no number and no date', 'soon', 0],
    ['nothing', null, 0],
  ])('as %s is honoured', async (_what, value, delayMs) => {
    for (const status of [429, 503]) {
      const response = new Response('', { status, headers: value === null ? {} : { 'retry-after': value } })
      await using client = quickClient({ endpoint: 'http://localhost/' }, { ...clock, fetch: answering(response) })
      await until(() => client.state.status === 'waiting')
      expect(client.state).toMatchObject({ delayMs, because: `HTTP ${status}` })
    }
  })

  test('is a minimum: neither jitter nor the browser coming back makes it shorter', async () => {
    const refused = (): Response => new Response('', { status: 429, headers: { 'retry-after': '10' } })
    const fetch = answering(refused(), refused())
    let wake = (): void => {}
    const onWake = (task: () => void): (() => void) => ((wake = task), () => {})
    await using client = quickClient({ endpoint: 'http://localhost/' }, { ...clock, fetch, onWake })
    await until(() => client.state.status === 'waiting')
    await clock.advance(4_000)
    wake()
    await clock.advance(5_999)
    wake()
    expect(fetch.inits).toHaveLength(1)
    await clock.advance(1)
    expect(fetch.inits).toHaveLength(2)
  })
})
