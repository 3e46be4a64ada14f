/** Something that was started, and what takes the demo down when it ends by itself. */
export interface Started {
  /** Rejects when it fails, or ends without having been stopped. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

/** For what cannot fail. */
export const never: Promise<never> = new Promise(() => {})
