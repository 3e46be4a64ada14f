import { createParser, type EventSourceMessage } from 'eventsource-parser'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { formatCursor, parseCursor, tagOf } from '../src/cursor.ts'
import { readEvent } from '../src/event/read-event.ts'
import { byteLength, encodeText } from '../src/event/text.ts'
import { encodeFrame } from '../src/wire/frame.ts'
import { trunklineDialect } from '../src/wire/trunkline-dialect.ts'

function parse(bytes: Uint8Array): readonly EventSourceMessage[] {
  const messages: EventSourceMessage[] = []
  createParser({ onEvent: (message) => messages.push(message) }).feed(new TextDecoder().decode(bytes))
  return messages
}

/** Text made of what breaks frames, among other text. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('\n', '\r', '\r\n', '\0', ':', ' ', 'data:', 'id: 9', '\n\n', 'é', '😀', '\ufeff', '\u2028'),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(''))

describe('frames', () => {
  test('whatever the data, a parser reads one event with the same lines', () => {
    fc.assert(
      fc.property(hostile, (data) => {
        const messages = parse(encodeFrame({ data }))
        expect(messages).toHaveLength(1)
        expect(messages[0]?.data).toBe(data.replaceAll(/\r\n|\r|\n/g, '\n'))
      }),
    )
  })

  test('no id, name or comment can add a field, an event or a second line', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (id, event, comment) => {
        const messages = parse(encodeFrame({ id, event, comment, data: 'x' }))
        expect(messages).toHaveLength(1)
        expect(messages[0]?.data).toBe('x')
      }),
    )
  })

  test('the dialect carries any detail as it was published', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ minLength: 1 }), (detail, type) => {
        const body = JSON.stringify(detail)
        const source = {
          id: 'i-123456',
          type,
          scope: 'global',
          userId: null,
          channel: null,
          entityId: null,
          body,
          raw: false,
        } as const
        const event = readEvent(
          { ...source, skipUserIds: [], createdAt: 'now', privateData: '"secret"', idempotencyKey: 'k' },
          'e.1.t',
        )
        const [message] = parse(encodeFrame(trunklineDialect.event(event, body, false)))
        expect(message).toMatchObject({ id: 'e.1.t', event: undefined })
        expect(JSON.parse(message?.data ?? '')).toEqual({
          id: 'i-123456',
          type,
          detail: JSON.parse(body) as unknown,
          scope: 'global',
          createdAt: 'now',
        })
        expect(message?.data).toContain(`"detail":${body},`)
      }),
    )
  })

  test('control frames are named, and have no id when nothing is stored', () => {
    const frames = [
      trunklineDialect.open({ cursor: '', heartbeatMs: 1, identity: 'x' }),
      trunklineDialect.heartbeat(''),
      trunklineDialect.reset({ cursor: '', reason: 'pruned', channels: [] }),
    ]
    const messages = frames.flatMap((frame) => parse(encodeFrame(frame)))
    expect(messages.map(({ event, id }) => [event, id])).toEqual([
      ['connected', undefined],
      ['heartbeat', undefined],
      ['reset', undefined],
    ])
  })
})

describe('cursors', () => {
  const places = fc.record({
    epoch: fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/),
    position: fc.maxSafeNat(),
    tag: fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{6}$/)),
  })

  test('every place survives its text', () => {
    fc.assert(
      fc.property(places, (place) => {
        expect(parseCursor(formatCursor(place))).toEqual({ ...place })
      }),
    )
  })

  test('texts order as positions do, fit 128 bytes, and need no CORS preflight', () => {
    fc.assert(
      fc.property(places, fc.maxSafeNat(), (place, other) => {
        const text = formatCursor(place)
        expect(text).toMatch(/^[A-Za-z0-9._~-]{1,128}$/)
        expect(text < formatCursor({ ...place, position: other })).toBe(place.position < other)
      }),
    )
  })

  test.each(['', 'x', 'e.1.t', 'error', 'e.zzzzzzzzzzzzz.abcdef', 'e.0000000000001.abcdef\n', '../e.0000000000001.abcdef'])(
    '%j is none',
    (text) => {
      expect(parseCursor(text)).toBeNull()
    },
  )

  test('the tag of an event is the end of its id', () => {
    expect(tagOf('0190-abcdef')).toBe('abcdef')
  })
})

test('bytes are counted as they are encoded', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(byteLength(text)).toBe(encodeText(text).length)
    }),
  )
})
