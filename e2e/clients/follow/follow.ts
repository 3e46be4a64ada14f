/** Told of each frame with its name: `message` for one that has none. */
export type Take = (name: string, data: string) => void

/** A client that follows a stream. */
export interface Follower {
  close(): void
  /** Whether it has given up, and will not come back. */
  isOver(): boolean
}

/** Follows a stream with one client. `names` are those of the frames to be told of. */
export type Follow = (url: string, names: readonly string[], take: Take) => Follower
