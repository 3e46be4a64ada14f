import type { ResetReason, TrunklineEvent } from '@trunkline/core'
import type { EventSourceMessage } from 'eventsource-parser'

import { reportFailure } from './report.ts'

/** What a stream says, in the default dialect. The cursor is its connection's own place; empty when it has none. */
export type Frame = { readonly cursor: string } & (
  | { readonly kind: 'event'; readonly data: TrunklineEvent }
  | { readonly kind: 'connected'; readonly data: { readonly heartbeatMs?: number; readonly identity?: string } }
  | { readonly kind: 'reset'; readonly data: { readonly reason?: ResetReason } }
  /** The stream's last. */
  | { readonly kind: 'goodbye'; readonly data: { readonly reason?: string } }
  /** Of this one, and of what a later server may say, only the cursor counts. */
  | { readonly kind: 'heartbeat'; readonly data: unknown }
)

/** What of it is for the client: a goodbye ends the stream and says no more. */
export type StreamedFrame = Exclude<Frame, { readonly kind: 'goodbye' }>

/** Reads a frame; null, and reported, when an unnamed one is not an event. */
export function readFrame({ event: kind = 'event', id: cursor = '', data: text }: EventSourceMessage): Frame | null {
  let data = parse(text)
  if (kind === 'event') {
    if (typeof data['type'] !== 'string' || !('detail' in data)) {
      // It would be the same the next time: the ones after it are worth more than another attempt.
      reportFailure(new TypeError(`Not an event: ${text.slice(0, 100)}`))
      return null
    }
    // Other fields are passed on as they came.
    if (cursor) data = Object.freeze({ ...data, cursor })
  }
  // The server's word is taken for the fields of each kind; what is missing has a default where it is used.
  return { kind, cursor, data } as unknown as Frame
}

/** A JSON object, deeply frozen: all listeners get the same one, and none can change it for the next. Empty for anything else. */
export function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text, (_key, value: unknown) => Object.freeze(value))) as Readonly<Record<string, unknown>>
  } catch {
    return {}
  }
}
