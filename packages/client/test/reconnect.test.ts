import { describe, expect, test } from 'vitest'

import { onWake as onPageWake } from '../src/wake.ts'
import {
  answering,
  connected,
  control,
  createClock,
  createStream,
  cursor,
  event,
  quickClient,
  sentHeader,
  until,
} from './support.ts'

const endpoint = 'http://localhost/'

/** The delays of the first so many failures. */
async function delays(random: () => number, failures: number): Promise<readonly number[]> {
  const clock = createClock()
  const fetch = answering(...Array.from({ length: failures }, () => new TypeError('down')))
  const seen: number[] = []
  await using client = quickClient({ endpoint }, { ...clock, fetch, random })
  client.onState((state) => state.status === 'waiting' && seen.push(state.delayMs))
  while (seen.length < failures) await clock.advance(30_000)
  return seen
}

describe('backoff', () => {
  test('is jitter below a bound that doubles from 0.5 s to 30 s', async () => {
    expect(await delays(() => 1, 9)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    expect(await delays(() => 0.1, 9)).toEqual([50, 100, 200, 400, 800, 1_600, 3_000, 3_000, 3_000])
    expect(await delays(() => 0, 3)).toEqual([0, 0, 0])
  })

  test('stays at its bound for ever', async () => {
    const { backoffMs } = await import('../src/backoff.ts')
    expect(backoffMs(100_000, () => 1)).toBe(30_000)
  })

  test.each([
    ['the opening frame', connected(cursor(1))],
    ['an event', event(cursor(1), 'a')],
  ])('starts anew after %s: an ordinary end is back within 0.5 s', async (_what, text) => {
    const clock = createClock()
    const { response, write, end } = createStream()
    const fetch = answering(new TypeError(), new TypeError(), new TypeError(), response)
    await using client = quickClient({ endpoint }, { ...clock, fetch, random: () => 1 })
    await clock.advance(3_500)
    write(text)
    await until(() => client.state.status === 'open')
    end()
    await until(() => client.state.status === 'waiting')
    expect(client.state).toEqual({ status: 'waiting', delayMs: 500, attempt: 1, because: 'ended' })
  })

  test('does not start anew for a stream that says nothing but goodbye', async () => {
    const clock = createClock()
    const { response, write } = createStream()
    const fetch = answering(new TypeError(), response)
    await using client = quickClient({ endpoint }, { ...clock, fetch, random: () => 1 })
    await clock.advance(500)
    write(control('goodbye', null, { reason: 'stopped' }))
    await until(() => client.state.status === 'waiting')
    expect(client.state).toEqual({ status: 'waiting', delayMs: 1_000, attempt: 2, because: 'goodbye: stopped' })
  })
})

describe('what the server says about coming back', () => {
  test('goodbye ends the stream, and its retry is the least wait before the next attempt, and only that one', async () => {
    const clock = createClock()
    const first = createStream()
    const second = createStream()
    const fetch = answering(first.response, second.response)
    await using client = quickClient({ endpoint }, { ...clock, fetch, random: () => 1 })
    const types: string[] = []
    client.on('*', (_detail, { type }) => types.push(type))
    // The server has not closed the stream, and what it says after goodbye is not listened to.
    first.write(
      connected(cursor(1)) + `retry: 2345\n${control('goodbye', null, { reason: 'expired' })}` + event(cursor(2), 'late'),
    )
    await until(() => client.state.status === 'waiting')
    expect(client.state).toEqual({ status: 'waiting', delayMs: 2_345, attempt: 1, because: 'goodbye: expired' })
    await clock.advance(2_345)
    second.write(connected(cursor(1)))
    await until(() => client.state.status === 'open')
    second.end()
    await until(() => client.state.status === 'waiting')
    expect(client.state).toMatchObject({ delayMs: 500 })
    expect(types).toEqual([])
  })

  test('a retry of a year waits as long as a timer can, and does not fire at once', async () => {
    const { response, write } = createStream()
    const fetch = answering(response)
    await using client = quickClient({ endpoint }, { fetch })
    write(`retry: 31536000000\n\n${connected(cursor(1))}${control('goodbye', null)}`)
    await until(() => client.state.status === 'waiting')
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(fetch.inits).toHaveLength(1)
  })
})

test('a frame without end is given up at its bound, and not fetched again in a hurry', async () => {
  const { response, write } = createStream()
  await using client = quickClient({ endpoint }, { fetch: answering(response) })
  write(connected(cursor(1)) + 'data: ')
  for (let mebi = 0; mebi <= 16; mebi++) write('x'.repeat(1_024 * 1_024))
  await until(() => client.state.status === 'waiting')
  expect(client.state).toMatchObject({ delayMs: 30_000, attempt: 1 })
})

describe('headers', () => {
  test('are asked for at every attempt', async () => {
    let token = 0
    const fetch = answering(new TypeError(), new TypeError())
    await using client = quickClient({ endpoint, headers: async () => ({ authorization: `Bearer ${++token}` }) }, { fetch })
    await until(() => fetch.inits.length === 3)
    expect(fetch.inits.map((init) => sentHeader(init, 'authorization'))).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 3'])
    expect(fetch.inits.map((init) => sentHeader(init, 'accept'))).toEqual(Array(3).fill('text/event-stream'))
    expect(client.state.status).toBe('connecting')
  })

  test('that cannot be had are a failed attempt', async () => {
    const fetch = answering()
    let asked = 0
    const headers = (): Record<string, string> => {
      if (++asked < 3) throw new Error('no token')
      return {}
    }
    await using client = quickClient({ endpoint, headers }, { fetch })
    const because: string[] = []
    client.onState((state) => state.status === 'waiting' && because.push(state.because))
    await until(() => fetch.inits.length === 1)
    expect(because).toEqual(['Error: no token', 'Error: no token'])
  })

  test('that never come are given up like a silent server', async () => {
    const clock = createClock()
    let asked = 0
    await using client = quickClient(
      { endpoint, headers: () => (asked++, new Promise(() => {})) },
      { ...clock, fetch: answering() },
    )
    await clock.advance(37_499)
    expect(client.state.status).toBe('connecting')
    await clock.advance(1)
    expect(asked).toBe(2)
  })
})

describe('a silent server', () => {
  test('is given up after 2.5 of the heartbeats it announced; every byte counts', async () => {
    const clock = createClock()
    const { response, write } = createStream()
    const fetch = answering(response)
    await using client = quickClient({ endpoint }, { ...clock, fetch, random: () => 1 })
    write(connected(cursor(1), 1_000))
    await until(() => client.state.status === 'open')
    await clock.advance(2_400)
    write(control('heartbeat', cursor(1)))
    await clock.advance(2_400)
    write(':')
    await clock.advance(2_499)
    expect(client.state.status).toBe('open')
    await clock.advance(1)
    expect(client.state).toEqual({ status: 'waiting', delayMs: 500, attempt: 1, because: 'silent for 2500 ms' })
    expect(fetch.inits[0]?.signal?.aborted).toBe(true)

    // What was under way then is sent again on the next stream.
    const late: string[] = []
    client.on('*', (_detail, { type }) => late.push(type))
    write(event(cursor(2), 'late'))
    await clock.advance(0)
    expect(late).toEqual([])
    expect(client.state.status).toBe('waiting')
  })

  test('that announced no heartbeat is never given up', async () => {
    const clock = createClock()
    const { response, write } = createStream()
    await using client = quickClient({ endpoint }, { ...clock, fetch: answering(response) })
    write(connected(cursor(1), 0))
    await until(() => client.state.status === 'open')
    await clock.advance(3_600_000)
    expect(client.state.status).toBe('open')
  })

  test('that never answers is given up too', async () => {
    const clock = createClock()
    const fetch = answering()
    await using client = quickClient({ endpoint }, { ...clock, fetch })
    await clock.advance(37_500)
    await until(() => fetch.inits.length === 2)
    expect(client.state.status).toBe('connecting')
  })

  test('is found out on waking: timers stood still while the machine slept, the clock did not', async () => {
    let now = 0
    let wake = (): void => {}
    const { response, write } = createStream()
    const fetch = answering(response)
    const seams = { fetch, now: () => now, after: () => () => {}, onWake: (task: () => void) => ((wake = task), () => {}) }
    await using client = quickClient({ endpoint }, seams)
    write(connected(cursor(1), 1_000))
    await until(() => client.state.status === 'open')
    now = 2_499
    wake()
    expect(client.state.status).toBe('open')
    now = 2_500
    wake()
    await until(() => client.state.status === 'waiting')
  })
})

describe('waking', () => {
  test('ends a wait at once', async () => {
    const clock = createClock()
    let wake = (): void => {}
    const fetch = answering(new TypeError('down'))
    const onWake = (task: () => void): (() => void) => ((wake = task), () => {})
    await using client = quickClient({ endpoint }, { ...clock, fetch, random: () => 1, onWake })
    await until(() => client.state.status === 'waiting')
    wake()
    await clock.advance(0)
    expect(fetch.inits).toHaveLength(2)
    expect(client.state.status).toBe('connecting')
  })

  test.each(['online', 'pageshow', 'visibilitychange'])('is what %s does, until it is taken back', (type) => {
    const page = new EventTarget()
    let times = 0
    const stop = onPageWake(() => times++, page)
    page.dispatchEvent(new Event(type))
    stop()
    page.dispatchEvent(new Event(type))
    expect(times).toBe(1)
  })
})

describe('close', () => {
  test('in any state ends everything, once', async () => {
    const { response, write } = createStream()
    const cases = [
      { fetch: answering(), status: 'connecting' },
      { fetch: answering(response), status: 'open' },
      { fetch: answering(new TypeError()), status: 'waiting' },
    ] as const
    write(connected(cursor(1)))
    for (const { fetch, status } of cases) {
      let awake = true
      const client = quickClient({ endpoint }, { fetch, random: () => 1, onWake: () => () => (awake = false) })
      await until(() => client.state.status === status && fetch.inits.length === 1)
      const states: unknown[] = []
      client.onState((state) => states.push(state))
      client.close()
      client.close()
      await client[Symbol.asyncDispose]()
      expect(states).toEqual([{ status: 'stopped', reason: 'closed' }])
      expect(fetch.inits.every(({ signal }) => signal?.aborted)).toBe(true)
      expect(fetch.inits).toHaveLength(1)
      expect(awake).toBe(false)
    }
  })

  test('from within a listener: not one event more, also of what has already arrived', async () => {
    const { response, write } = createStream()
    const client = quickClient({ endpoint }, { fetch: answering(response) })
    const seen: string[] = []
    client.on('*', (_detail, { type }) => {
      seen.push(type)
      client.close()
    })
    write(connected(cursor(1)) + event(cursor(2), 'a') + event(cursor(3), 'b'))
    await until(() => client.state.status === 'stopped')
    await client[Symbol.asyncDispose]()
    expect(seen).toEqual(['a'])
  })

  test.each(['connecting', 'waiting', 'open'] as const)('from within a listener of the state %s', async (status) => {
    const { response, write } = createStream()
    const fetch = answering(new TypeError(), response)
    const target = new EventTarget()
    const client = quickClient({ endpoint, target }, { fetch })
    const after: string[] = []
    for (const name of ['connected', 'a']) target.addEventListener(`trunkline:${name}`, ({ type }) => after.push(type))
    client.onState((state) => state.status === status && client.close())
    client.onState((state) => after.push(state.status))
    write(connected(cursor(1)) + event(cursor(2), 'a'))
    await until(() => client.state.status === 'stopped')
    await client[Symbol.asyncDispose]()
    // Who listens behind it hears of the end last, and nothing after it.
    expect(after.at(-1)).toBe('stopped')
    expect(after).not.toContain(status)
  })
})
