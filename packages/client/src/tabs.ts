import type { StreamedFrame } from './frame.ts'
import { isAfter } from './place.ts'
import type { Receiver, Source, SourceStatus } from './source.ts'

/** What tabs tell each other. */
export interface Message {
  readonly from: string
  /** For one tab; otherwise for all. */
  readonly to?: string | undefined
  /** I am here, and read these channels: whoever leads, answer with `sync`. */
  readonly hello?: readonly string[]
  /** With `hello`, my place, from who has not heard the leader so far: the stream may have passed it. With `frame`, where the stream stood before. */
  readonly cursor?: string | undefined
  /** I lead now: say hello. */
  readonly lead?: 1
  /** My stream goes on from here, and stands as `status` says, else as `frame`. */
  readonly sync?: string
  /** Its channels. */
  readonly channels?: readonly string[]
  readonly status?: SourceStatus | undefined
  readonly frame?: StreamedFrame
  /** Whether a tab asked for the channel of that frame; a server may also choose channels by itself. */
  readonly isAsked?: boolean
  /** When to expect more. */
  readonly heartbeatMs?: number | undefined
  /** Connect by yourself. */
  readonly alone?: 1
}

/** The part of a message that brings a frame. */
export type Told = Required<Pick<Message, 'frame' | 'isAsked'>> & { readonly cursor: string }

/** Tells the other tabs; one of them with `to`. */
export type Post = (message: Omit<Message, 'from'>) => void

/** A tab's part in what it does with the others. */
export interface Part extends Source {
  /** What another tab said. */
  hear?(message: Message): void
}

/**
 * Hands a frame of the common stream to this tab. False for a reset that is not its own: the stream was resumed for a tab whose place is
 * lost, and this one stands after that place.
 */
export function take({ frame, cursor, isAsked }: Told, channels: readonly string[], receiver: Receiver): boolean {
  const isOurs = frame.kind !== 'reset' || !isAfter(receiver.cursor(), cursor)
  // Of an event in another tab's channel only the place counts.
  const isPassing = isAsked && !channels.includes(channelOf(frame))
  if (isOurs) receiver.onFrame(isPassing ? ({ kind: 'heartbeat', cursor: frame.cursor } as StreamedFrame) : frame)
  return isOurs
}

/** No channel has an empty name. */
export function channelOf(frame: StreamedFrame): string {
  return (frame.kind === 'event' && frame.data.channel) || ''
}
