import { afterEach, beforeEach, expect, test } from 'vitest'

import { createSite, eventually, StreamReader } from './support.ts'

// A stream that fails when nobody reads it any more shows up nowhere else.
const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)

beforeEach(() => void process.on('unhandledRejection', note))
afterEach(() => {
  process.off('unhandledRejection', note)
  expect(unhandled.splice(0)).toEqual([])
})

test('a body that is cancelled before it is read ends the connection', async () => {
  await using site = createSite()
  const { body } = await site.ask('/realtime/sse')
  expect(site.trunkline.stats().connections).toBe(1)
  await body?.cancel()
  await eventually(() => site.trunkline.stats().connections === 0, 1_000)
})

test('a body that is cancelled while it waits for the next event ends the connection', async () => {
  await using site = createSite()
  const stream = new StreamReader(await site.ask('/realtime/sse'))
  await stream.readChunk()
  const next = stream.readChunk()
  await stream.cancel()
  expect(await next).toBe(false)
  await eventually(() => site.trunkline.stats().connections === 0, 1_000)
  await site.trunkline.publishGlobal({ type: 'x' })
  expect(site.failures).toEqual([])
})

test('an aborted request ends the connection and the body, whether somebody reads it or not', async () => {
  await using site = createSite()
  const controller = new AbortController()
  const { signal } = controller
  const read = new StreamReader(await site.ask('/realtime/sse', { signal }))
  const unread = await site.ask('/realtime/sse', { signal })
  await read.readChunk()
  const next = read.readChunk()
  expect(site.trunkline.stats().connections).toBe(2)
  controller.abort()
  await eventually(() => site.trunkline.stats().connections === 0, 1_000)
  expect(await next).toBe(false)
  expect(await unread.text()).toBe('')
  expect(site.failures).toEqual([])
})

test('a request that is aborted while it is still being identified leaves nothing behind', async () => {
  const door = Promise.withResolvers<null>()
  await using site = createSite({ identify: () => door.promise })
  const controller = new AbortController()
  const asked = site.ask('/realtime/sse', { signal: controller.signal })
  controller.abort()
  door.resolve(null)
  expect(await (await asked).text()).toBe('')
  await eventually(() => site.trunkline.stats().connections === 0, 1_000)
})

test('listens to the signal no longer than the stream lasts', async () => {
  await using site = createSite()
  const { signal } = new AbortController()
  let listening = 0
  const count =
    (method: 'addEventListener' | 'removeEventListener', by: number) =>
    (...args: Parameters<AbortSignal['addEventListener']>): void => {
      listening += by
      AbortSignal.prototype[method].apply(signal, args)
    }
  const { fetchAdapter } = await import('@trunkline/adapter-fetch')
  const request = new Request('https://example.org/realtime/sse')
  Object.defineProperty(request, 'signal', { value: signal })
  Object.assign(signal, { addEventListener: count('addEventListener', 1), removeEventListener: count('removeEventListener', -1) })
  const { body } = await fetchAdapter(site.trunkline, { identify: () => null })(request)
  expect(listening).toBe(1)
  await body?.cancel()
  await eventually(() => listening === 0)
})
