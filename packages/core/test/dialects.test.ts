import { createTrunkline, memory, type Dialect, type Trunkline } from '@trunkline/core'
import { createHttp, type HttpOptions } from '@trunkline/core/http'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'

import { djangorealtimeDialect } from '../src/wire/djangorealtime-dialect.ts'
import { eventstreamDialect } from '../src/wire/eventstream-dialect.ts'
import { encodeFrame, type Frame } from '../src/wire/frame.ts'
import { StreamReader } from './support.ts'

const opened: Trunkline[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((trunkline) => trunkline.stop({ graceMs: 0 })))
})

function open(): Trunkline {
  const trunkline = createTrunkline({ ...memory(), canRead: ({ channel }) => channel !== 'closed', onError: () => {} })
  opened.push(trunkline)
  return trunkline
}

function textOf(frame: Frame): string {
  return new TextDecoder().decode(encodeFrame(frame))
}

function parsed(frame: Frame): readonly EventSourceMessage[] {
  const messages: EventSourceMessage[] = []
  createParser({ onEvent: (message) => messages.push(message) }).feed(textOf(frame))
  return messages
}

/** Reads until so many frames have come. */
async function frames(
  trunkline: Trunkline,
  dialect: 'eventstream' | 'djangorealtime',
  count: number,
  publish: () => Promise<unknown>,
): Promise<StreamReader> {
  const reader = new StreamReader(await trunkline.connect({ userId: 'ann', channels: ['news'], dialect }))
  await reader.until(() => reader.frames.length > 0)
  const read = reader.until(() => reader.frames.length >= count)
  await publish()
  return read
}

describe('eventstream', () => {
  test('names events by their type, and their data is the detail alone, or the text that was published', async () => {
    const trunkline = open()
    const reader = await frames(trunkline, 'eventstream', 4, async () => {
      await trunkline.publish({ userId: 'ann', type: 'task', detail: { b: 1, a: [2] } })
      await trunkline.publishToChannel({ channel: 'news', type: 'text', raw: 'two\nlines' })
      await trunkline.publishGlobal({ type: 'json', detail: 'text' })
    })
    const [opening, ...events] = reader.frames.map(({ event, data }) => [event, data])
    expect(opening).toEqual(['stream-open', ''])
    expect(events).toEqual([
      ['task', '{"b":1,"a":[2]}'],
      ['text', 'two\nlines'],
      ['json', '"text"'],
    ])
    expect(reader.frames.every(({ id }) => id !== undefined && id !== '')).toBe(true)
  })

  test('resets with the channels, and tells who may not read any more not to come back', () => {
    const reset = eventstreamDialect.reset({ cursor: 'c', reason: 'pruned', channels: ['news'] })
    expect(textOf(reset)).toBe('event: stream-reset\nid: c\ndata: {"channels":["news"]}\n\n')
    expect(textOf(eventstreamDialect.heartbeat('c'))).toBe('event: keep-alive\nid: c\ndata: \n\n')
    expect(parsed(eventstreamDialect.end('forbidden') as Frame)).toMatchObject([{ event: 'stream-error', id: 'error' }])
    expect(textOf(eventstreamDialect.end('stopped') as Frame)).toMatch(/^retry: \d+\n\n$/)
  })
})

describe('djangorealtime', () => {
  test('puts the type into the detail, over one of its own, and begins with connected', async () => {
    const trunkline = open()
    const reader = await frames(trunkline, 'djangorealtime', 5, async () => {
      await trunkline.publishGlobal({ type: 'task', detail: { task_id: 1, type: 'other' } })
      await trunkline.publishGlobal({ type: 'bare' })
      await trunkline.publishGlobal({ type: 'list', detail: [1] })
      await trunkline.publishGlobal({ type: 'text', raw: 'a\nb' })
    })
    expect(reader.frames.map(({ event }) => event)).toEqual(Array.from({ length: 5 }))
    expect(reader.frames.map(({ data }) => JSON.parse(data) as unknown)).toEqual([
      { type: 'connected' },
      { task_id: 1, type: 'task' },
      { type: 'bare' },
      { detail: [1], type: 'list' },
      { detail: 'a\nb', type: 'text' },
    ])
  })

  test('has heartbeats that fire nothing and move the place', () => {
    const heartbeat = djangorealtimeDialect.heartbeat('c')
    expect(textOf(heartbeat)).toBe(': heartbeat\nid: c\n\n')
    expect(parsed(heartbeat)).toEqual([])
  })
})

test.each([eventstreamDialect, djangorealtimeDialect])(
  '$name carries any detail and any text as one event',
  (dialect: Dialect) => {
    const event = { id: 'i', type: 't', createdAt: '', cursor: 'c', scope: 'global' } as const
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (detail, text) => {
        const [json] = parsed(dialect.event({ ...event, detail }, JSON.stringify(detail), false))
        const value = JSON.parse(json?.data ?? '') as Record<string, unknown>
        if (dialect === eventstreamDialect) expect(JSON.stringify(value)).toBe(JSON.stringify(detail))
        else expect(value['type']).toBe('t')
        expect(parsed(dialect.event({ ...event, detail: text }, JSON.stringify(text), true))).toHaveLength(1)
      }),
    )
  },
)

describe('a client', () => {
  async function opening(options: HttpOptions, query: string, headers: Record<string, string> = {}) {
    const trunkline = open()
    const answered = await createHttp(
      trunkline,
      options,
    )({
      method: 'GET',
      url: `/sse${query}`,
      params: {},
      header: (name) => headers[name] ?? null,
      identify: () => null,
      toRequest: () => new Request('http://localhost/'),
    })
    if (answered === null || answered.body === null || typeof answered.body === 'string') return answered?.status
    const reader = new StreamReader(answered.body)
    await reader.readChunk()
    return reader
  }

  async function get(...asked: Parameters<typeof opening>) {
    const answered = await opening(...asked)
    return typeof answered === 'object' ? (answered.frames[0]?.event ?? JSON.stringify(answered.frames[0]?.data)) : answered
  }

  test.each(['djangorealtime', 'eventstream'] as const)('may be sent a padding before the first frame of %s', async (dialect) => {
    const reader = await opening({ padding: true, dialect }, '')
    if (typeof reader !== 'object') throw new Error('No stream.')
    expect(new TextDecoder().decode(reader.chunks[0]).startsWith(`: ${' '.repeat(2_048)}\n`)).toBe(true)
    expect(reader.frames).toHaveLength(1)
  })

  test('may ask for a dialect by its name, of those that it may', async () => {
    expect(await get({}, '')).toBe('connected')
    expect(await get({}, '?dialect=eventstream')).toBe(400)
    expect(await get({ dialect: 'eventstream' }, '')).toBe('stream-open')
    const both: HttpOptions = { dialect: ['trunkline', 'eventstream'] }
    expect(await get(both, '')).toBe('connected')
    expect(await get(both, '?dialect=eventstream')).toBe('stream-open')
    expect(await get(both, '?dialect=djangorealtime')).toBe(400)
    const own: Dialect = { ...eventstreamDialect, name: 'own', open: () => ({ event: 'mine', data: '' }) }
    expect(await get({ dialect: [own, 'trunkline'] }, '?dialect=own')).toBe('mine')
  })

  test('that was told not to come back is refused when it does', async () => {
    expect(await get({ dialect: 'eventstream' }, '', { 'last-event-id': 'error' })).toBe(400)
    expect(await get({ dialect: 'eventstream' }, '?lastEventId=error')).toBe(400)
  })
})
