import type { TrunklineEvent } from '../event/event.ts'
import type { CloseReason, Dialect, OpenState, ResetState } from './dialect.ts'
import type { Frame } from './frame.ts'

/**
 * The default dialect. Event frames are unnamed, so that `onmessage` of any client sees them all; control frames are named, so that
 * none is mistaken for an event. docs/wire-protocol.md is its specification.
 */
export const trunklineDialect: Dialect = {
  name: 'trunkline',

  event(event: TrunklineEvent, detailJson: string): Frame {
    const { id, type, scope, channel, createdAt, cursor } = event
    // Put together by hand: the detail goes out as the text that was published, and is not parsed and printed again.
    const data =
      `{"id":${JSON.stringify(id)},"type":${JSON.stringify(type)},"detail":${detailJson},"scope":"${scope}"` +
      `${channel === undefined ? '' : `,"channel":${JSON.stringify(channel)}`},"createdAt":"${createdAt}"}`
    return { ...at(cursor), data }
  },

  open({ cursor, heartbeatMs, identity }: OpenState): Frame {
    return { event: 'connected', ...at(cursor), data: JSON.stringify({ heartbeatMs, identity }) }
  },

  heartbeat(cursor: string): Frame {
    return { event: 'heartbeat', ...at(cursor), data: '{}' }
  },

  reset({ cursor, reason, channels }: ResetState): Frame {
    return { event: 'reset', ...at(cursor), data: JSON.stringify({ reason, channels }) }
  },

  end(reason: CloseReason): Frame {
    // Spread over two seconds, so that the clients of a server that stops do not come to the next one all at once.
    return { event: 'goodbye', retry: 500 + Math.random() * 2_000, data: JSON.stringify({ reason }) }
  },
}

/** An empty `id:` would make a client forget its place. */
function at(cursor: string | undefined): { readonly id?: string } {
  return cursor === undefined || cursor === '' ? {} : { id: cursor }
}
