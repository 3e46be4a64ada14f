import type { TrunklineEvent } from '../event/event.ts'
import type { CloseReason, Dialect, OpenState, ResetState } from './dialect.ts'
import { type Frame, idOf } from './frame.ts'
import { comeBack } from './retry.ts'

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
    return { ...idOf(cursor), data }
  },

  open({ cursor, heartbeatMs, identity }: OpenState): Frame {
    return { event: 'connected', ...idOf(cursor), data: JSON.stringify({ heartbeatMs, identity }) }
  },

  heartbeat(cursor: string): Frame {
    return { event: 'heartbeat', ...idOf(cursor), data: '{}' }
  },

  reset({ cursor, reason, channels }: ResetState): Frame {
    return { event: 'reset', ...idOf(cursor), data: JSON.stringify({ reason, channels }) }
  },

  end(reason: CloseReason): Frame {
    return { event: 'goodbye', retry: comeBack(), data: JSON.stringify({ reason }) }
  },
}
