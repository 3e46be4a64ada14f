import type { StreamedFrame } from './frame.ts'
import type { ConnectionState } from './types.ts'

export type Role = Extract<ConnectionState, { readonly status: 'open' }>['role']

/** Where a client's frames come from. Runs from its creation on, until `close` or until the server says to stop. */
export interface Source {
  /** Whether it has a stream of its own: for this tab alone, or for others too. */
  role(): Role
  /** The channels, or the place to resume from, are others than they were: asks the server anew, at once. */
  refresh(): void
  /** No more frames or statuses come after this. May be called again. */
  close(): void
}

/** Where a source's frames go. Its members never throw. */
export interface Receiver {
  /** What to resume from, asked at every attempt; empty for "from now on". */
  cursor(): string
  onFrame(frame: StreamedFrame): void
  /** Once it has stopped, the receiver closes the source. */
  onStatus(status: SourceStatus): void
}

/** `open` is not among them: the client is open when it has been given a frame. */
export type SourceStatus = Exclude<ConnectionState, { readonly status: 'open' }>
