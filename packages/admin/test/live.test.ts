import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'

import { createSite, type Site, type SiteOptions } from './support.ts'

afterEach(() => vi.useRealTimers())

interface Frame {
  readonly event: string
  readonly data: unknown
}

/** Reads what a live page would get. */
async function listen(site: Site, filter = '', headers: Readonly<Record<string, string>> = {}) {
  const response = await site.get(`?page=live&stream=1${filter}`, headers)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  onTestFinished(() => reader.cancel())
  const frames: Frame[] = []
  const decoder = new TextDecoder()
  let rest = ''
  /** False at the end. */
  async function more(): Promise<boolean> {
    const { value, done } = await reader.read()
    if (done) return false
    const parts = (rest + decoder.decode(value)).split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/s.exec(part) ?? []
      if (event !== undefined) frames.push({ event, data: JSON.parse(data ?? '') as unknown })
    }
    return true
  }
  const until = async (count: number): Promise<readonly Frame[]> => {
    while (frames.length < count && (await more()));
    return frames
  }
  await more()
  return { frames, more, until, cancel: () => reader.cancel() }
}

async function open(options: SiteOptions = {}): Promise<Site> {
  const site = createSite(options)
  await site.trunkline.start()
  return site
}

describe('the live stream', () => {
  test('has the events of every scope, without private data', async () => {
    const site = await open({ authorize: () => ({ actor: 'ada', privateData: true }) })
    const stream = await listen(site)
    await site.trunkline.publish({ userId: 7, type: 'to_seven', detail: { a: 1 }, privateData: 'secret' })
    await site.trunkline.publishToChannel({ channel: 'room', type: 'to_room' })
    await site.trunkline.publishSystem({ type: 'to_backend' })
    await site.trunkline.publishGlobal({ type: 'to_all', detail: 'x'.repeat(5_000), store: false })
    const frames = await stream.until(4)
    expect(frames.map(({ data }) => data)).toMatchObject([
      { type: 'to_seven', scope: 'user', name: '7', isStored: true, preview: '{"a":1}', detail: '{\n  "a": 1\n}', isCut: false },
      { type: 'to_room', scope: 'channel', name: 'room' },
      { type: 'to_backend', scope: 'system', name: null },
      { type: 'to_all', scope: 'global', isStored: false, isCut: true, detail: 'x'.repeat(4_000) },
    ])
    expect(JSON.stringify(frames)).not.toContain('secret')
  })

  test.each([
    { filter: '&type=b', types: ['b'] },
    { filter: '&user=7', types: ['a'] },
    { filter: '&channel=room', types: ['b'] },
    { filter: '&scope=global', types: ['c', 'last'] },
    { filter: '&entity=42', types: ['c'] },
    { filter: '&text=needle', types: ['b'] },
  ])('of the filter $filter has no others', async ({ filter, types }) => {
    const site = await open()
    const stream = await listen(site, filter)
    const everything = await listen(site)
    await site.trunkline.publish({ userId: 7, type: 'a' })
    await site.trunkline.publishToChannel({ channel: 'room', type: 'b', detail: 'a needle' })
    await site.trunkline.publishGlobal({ type: 'c', detail: { ':id': 42 } })
    await site.trunkline.publishGlobal({ type: 'last' })
    await everything.until(4)
    await stream.until(types.length)
    expect(stream.frames.map(({ data }) => (data as { type: string }).type)).toEqual(types)
  })

  test('leaves out what a slow viewer cannot take, and says how much', async () => {
    const site = await open()
    const stream = await listen(site)
    const batch = Array.from({ length: 1_000 }, (_, n) => ({ scope: 'global', type: 'many', detail: n }) as const)
    await site.trunkline.publishMany(batch)
    await expect.poll(() => site.trunkline.stats().tail.cursor).toBe(await site.trunkline.cursor())
    await stream.until(400)
    await site.trunkline.publishGlobal({ type: 'after' })
    const isAfter = ({ data }: Frame): boolean => (data as { type?: string }).type === 'after'
    while (!stream.frames.some(isAfter) && (await stream.more()));
    const skipped = stream.frames.find(({ event }) => event === 'skipped')
    expect(skipped?.data).toBeGreaterThan(400)
    expect(stream.frames.filter(({ event }) => event === 'event').length + (skipped?.data as number)).toBe(1_001)
  })

  test('ends when the right to it ends', async () => {
    vi.useFakeTimers()
    let isAllowed = true
    const site = await open({ authorize: () => isAllowed && { actor: 'ada' } })
    const stream = await listen(site)
    await vi.advanceTimersByTimeAsync(15_000)
    await stream.more()
    isAllowed = false
    await vi.advanceTimersByTimeAsync(15_000)
    expect(await stream.until(1)).toEqual([{ event: 'goodbye', data: 'forbidden' }])
    expect(await stream.more()).toBe(false)
  })

  test('ends when the trunkline stops', async () => {
    const site = await open()
    const stream = await listen(site)
    await site.trunkline.stop({ graceMs: 0 })
    expect(await stream.until(1)).toEqual([{ event: 'goodbye', data: 'stopped' }])
  })
})
