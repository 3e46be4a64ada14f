import { describe, expect, test } from 'vitest'

import {
  connected,
  control,
  createStream,
  answering,
  cursor,
  event,
  quickClient,
  sentHeader,
  serve,
  stream,
  until,
} from './support.ts'

/** Four-byte, three-byte and two-byte characters, so that cuts fall in the middle of each. */
const texts = ['plain', '🐘 trunk', 'größe', '中文', 'e\u0301', 'last 🏁']
const log = texts.map((text, index) => ({ at: cursor(index + 1), text }))
const start = cursor(0)

/** What a server sends to who resumes from there. */
function answerTo(from: string): string {
  return (
    connected(from) +
    log
      .filter(({ at }) => at > from)
      .map(({ at, text }) => event(at, 'note', { text }))
      .join('')
  )
}

describe('a stream that breaks off', () => {
  const whole = Buffer.from(answerTo(start))

  test.each(['ends', 'is destroyed'] as const)('%s at any byte: nothing is lost, nothing comes twice', async (way) => {
    await using server = await serve((response, request) => {
      const cut = Number(new URL(request.url ?? '', 'http://localhost').searchParams.get('cut'))
      const resumed = request.headers['last-event-id'] as string
      stream(response)
      // The first answer is cut; who comes back is served from where it says it is.
      if (cuts.delete(cut)) response.write(whole.subarray(0, cut), () => (way === 'ends' ? response.end() : response.destroy()))
      else response.write(answerTo(resumed))
    })
    const cuts = new Set(Array.from({ length: whole.length }, (_, index) => index))

    const run = async (cut: number): Promise<void> => {
      const seen: string[] = []
      await using client = quickClient({ endpoint: `${server.url}?cut=${cut}`, cursor: start })
      client.on('note', (detail) => seen.push((detail as { text: string }).text))
      await until(() => seen.length >= texts.length)
      expect(seen, `cut at byte ${cut}`).toEqual(texts)
    }
    const waiting = [...cuts]
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let cut = waiting.pop(); cut !== undefined; cut = waiting.pop()) await run(cut)
      }),
    )
    expect(cuts.size).toBe(0)
  })

  test('comes in two chunks cut at any byte: nothing changes', async () => {
    const bytes = Buffer.from(`\uFEFF${answerTo(start)}`.replaceAll('\n', '\r\n'))
    for (let cut = 0; cut <= bytes.length; cut++) {
      const seen: string[] = []
      const { response, write, end } = createStream()
      write(bytes.subarray(0, cut))
      write(bytes.subarray(cut))
      end()
      await using client = quickClient({ endpoint: 'http://localhost/' }, { fetch: answering(response) })
      client.on('note', (detail) => seen.push((detail as { text: string }).text))
      await until(() => client.state.status === 'connecting' && seen.length > 0)
      expect(seen, `cut at byte ${cut}`).toEqual(texts)
    }
  })
})

describe('the cursor', () => {
  test('is that of the last frame of any kind, and is sent with every attempt', async () => {
    const frames = [
      connected(cursor(5)),
      event(cursor(7), 'a'),
      control('heartbeat', cursor(9)),
      event(null, 'live'),
      control('later', cursor(11)),
    ]
    await using server = await serve((response, _request, attempt) => {
      stream(response, frames[attempt - 1] ?? '')
      if (attempt <= frames.length) response.end()
    })
    await using client = quickClient({ endpoint: server.url })
    await until(() => server.requests.length > frames.length)
    expect(server.requests.map(({ headers }) => headers['last-event-id'])).toEqual([
      undefined,
      cursor(5),
      cursor(7),
      cursor(9),
      cursor(9),
      cursor(11),
    ])
    expect(client.state.status).not.toBe('stopped')
  })

  test('starts where the page stands, and reads in the state of the connection', async () => {
    await using server = await serve((response) => stream(response, connected(cursor(3)) + event(cursor(4), 'a')))
    await using client = quickClient({ endpoint: server.url, cursor: cursor(3) })
    await client.once('a')
    await until(() => client.state.status === 'open' && client.state.cursor === cursor(4))
    expect(server.requests[0]?.headers['last-event-id']).toBe(cursor(3))
    expect(client.state).toEqual({ status: 'open', cursor: cursor(4), role: 'alone' })
  })

  test('never goes back within an epoch, whatever the server repeats', async () => {
    await using server = await serve((response, _request, attempt) => {
      // A server that forgot the place and starts over each time.
      stream(
        response,
        connected(cursor(1)) + event(cursor(2), 'a', 2) + event(cursor(3), 'a', 3) + control('heartbeat', cursor(2)),
      )
      if (attempt === 1) response.end()
      else
        response.write(
          event(cursor(3), 'a', 'again') + event(null, 'a', 'live') + event(null, 'a', 'live') + event(cursor(4), 'a', 4),
        )
    })
    await using client = quickClient({ endpoint: server.url })
    const seen: unknown[] = []
    client.on('a', (detail) => seen.push(detail))
    await until(() => seen.includes(4))
    expect(seen).toEqual([2, 3, 'live', 'live', 4])
    expect(server.requests[1]?.headers['last-event-id']).toBe(cursor(3))
  })

  test('of another epoch says nothing about the one before: the event passes', async () => {
    const { response, write } = createStream()
    await using client = quickClient({ endpoint: 'http://localhost/', cursor: cursor(9, 'old') }, { fetch: answering(response) })
    write(event(cursor(1, 'new'), 'a') + event(cursor(1, 'new'), 'a', 'again') + event(cursor(2, 'new'), 'b'))
    const seen: string[] = []
    client.on('*', (_detail, { type }) => seen.push(type))
    await client.once('b')
    expect(seen).toEqual(['a', 'b'])
  })

  test('moves on only after the event was handed out', async () => {
    const { response, write } = createStream()
    await using client = quickClient({ endpoint: 'http://localhost/' }, { fetch: answering(response) })
    const during: unknown[] = []
    client.on('a', () => during.push({ ...client.state }))
    write(connected(cursor(1)) + event(cursor(2), 'a'))
    await client.once('a')
    expect(during).toEqual([{ status: 'open', cursor: cursor(1), role: 'alone' }])
    await until(() => client.state.status === 'open' && client.state.cursor === cursor(2))
  })

  test('that is none of ours is refused at once, or, from the wire, not kept', async () => {
    expect(() => quickClient({ endpoint: 'http://localhost/', cursor: 'größe' })).toThrow(/Not a cursor: größe/)
    const first = createStream()
    const fetch = answering(first.response)
    await using client = quickClient({ endpoint: 'http://localhost/', cursor: '' }, { fetch })
    first.write(event('größe', 'a', 1))
    await client.once('a')
    first.end()
    await until(() => fetch.inits.length === 2)
    expect(sentHeader(fetch.inits[1], 'last-event-id')).toBeNull()
  })
})

describe('a reset', () => {
  test('comes before newer events, sets the place and is told to handlers and the page', async () => {
    const { response, write, end } = createStream()
    const fetch = answering(response)
    const target = new EventTarget()
    const story: unknown[] = []
    await using client = quickClient({ endpoint: 'http://localhost/', cursor: cursor(50), target }, { fetch })
    client.onReset(({ reason }) => story.push(['handler', reason, { ...client.state }]))
    target.addEventListener('trunkline:reset', (e) => story.push(['page', (e as CustomEvent<unknown>).detail]))
    client.on('*', (detail) => story.push(detail))
    // Back in the same epoch, as after a restored backup.
    write(
      connected(cursor(50)) +
        control('reset', cursor(20), { reason: 'ahead_of_head', channels: [] }) +
        event(cursor(21), 'a', 'new'),
    )
    await client.once('a')
    expect(story).toEqual([
      ['handler', 'ahead_of_head', { status: 'open', cursor: cursor(20), role: 'alone' }],
      ['page', { reason: 'ahead_of_head' }],
      'new',
    ])
    end()
    await until(() => fetch.inits.length === 2)
    expect(sentHeader(fetch.inits[1], 'last-event-id')).toBe(cursor(21))
  })

  test('that was cut off is told again: the opening frame alone moves nobody', async () => {
    const first = createStream()
    const second = createStream()
    const fetch = answering(first.response, second.response)
    await using client = quickClient({ endpoint: 'http://localhost/', cursor: cursor(5, 'old') }, { fetch })
    const resets: string[] = []
    client.onReset(({ reason }) => resets.push(reason))
    // The server cannot honour the place, says so in the next frame, and breaks off in between.
    first.write(connected(cursor(90, 'new')))
    await until(() => client.state.status === 'open')
    first.end()
    await until(() => fetch.inits.length === 2)
    expect(sentHeader(fetch.inits[1], 'last-event-id')).toBe(cursor(5, 'old'))
    second.write(connected(cursor(90, 'new')) + control('reset', cursor(90, 'new'), { reason: 'unknown_epoch' }))
    await until(() => resets.length > 0)
    expect(resets).toEqual(['unknown_epoch'])
  })

  test('without a cursor leaves no place, so that it does not come again', async () => {
    const first = createStream()
    const fetch = answering(first.response)
    await using client = quickClient({ endpoint: 'http://localhost/', cursor: cursor(5) }, { fetch })
    first.write(connected(null) + control('reset', null, { reason: 'not_stored' }))
    await until(() => client.state.status === 'open')
    first.end()
    await until(() => fetch.inits.length === 2)
    expect(sentHeader(fetch.inits[1], 'last-event-id')).toBeNull()
  })

  test('does not follow an ordinary reconnect', async () => {
    await using server = await serve((response, _request, attempt) => {
      stream(response, connected(cursor(1)))
      if (attempt < 3) response.end()
    })
    const target = new EventTarget()
    await using client = quickClient({ endpoint: server.url, target })
    let resets = 0
    const opened: unknown[] = []
    client.onReset(() => resets++)
    target.addEventListener('trunkline:connected', (e) => opened.push((e as CustomEvent<unknown>).detail))
    await until(() => opened.length === 3)
    expect(opened).toEqual([{ cursor: cursor(1) }, { cursor: cursor(1) }, { cursor: cursor(1) }])
    expect(resets).toBe(0)
  })
})
