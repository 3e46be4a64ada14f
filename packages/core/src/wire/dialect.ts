import type { TrunklineEvent } from '../event/event.ts'
import type { Frame } from './frame.ts'

/** Why a stream ended. */
export type CloseReason = 'client' | 'stopped' | 'forbidden' | 'disconnected' | 'expired' | 'error'

/** Why a client's place could not be honoured: what happened since then is not known to it and never will be. */
export type ResetReason = 'pruned' | 'unknown_epoch' | 'ahead_of_head' | 'malformed' | 'overflow' | 'not_stored'

/** What a stream begins with. */
export interface OpenState {
  /** Where this stream starts: the resumed place, not the head. Empty when nothing is stored, and when a reset follows. */
  readonly cursor: string
  readonly heartbeatMs: number
  /** Opaque: streams with the same tag belong to the same user. */
  readonly identity: string
}

/** What a client is told when its place could not be honoured. */
export interface ResetState {
  /** Where the stream goes on from. Empty when nothing is stored. */
  readonly cursor: string
  readonly reason: ResetReason
  readonly channels: readonly string[]
}

/** How events look on the wire: pure encoders. Bring your own, or name one of ours. */
export interface Dialect {
  readonly name: string
  /** `detailJson` is the detail's JSON text exactly as it was published. `isRaw`: it was published as text (`raw`), and is a string. */
  event(event: TrunklineEvent, detailJson: string, isRaw: boolean): Frame
  open(state: OpenState): Frame
  /** `cursor` is this connection's: everything up to it was written to it or was not for it. Empty when nothing is stored. */
  heartbeat(cursor: string): Frame
  reset(state: ResetState): Frame
  /** The last frame of a stream that the server ends; null for none. */
  end(reason: CloseReason): Frame | null
}

/** The dialects that come with Trunkline. */
export type DialectName = 'trunkline' | 'eventstream' | 'djangorealtime'
