/** The clients that run in a page of fixtures/page.ts. */
export type InPage = 'browser' | 'fetchEventSource' | 'fetchEventSourceAlone' | 'reconnecting' | 'trunklineClient'

/** A stream to follow. */
export interface Stream {
  /** Says which one it is: the name of its dialect. */
  readonly key: string
  readonly url: string
  /** Of the frames that may come. */
  readonly names: readonly string[]
}

/** What one stream brought since the last look. */
export interface Glimpse {
  readonly key: string
  readonly told: readonly (readonly [name: string, data: string])[]
  readonly isOver: boolean
}

/** A client that follows one or more streams, wherever it runs. */
export interface Visit extends AsyncDisposable {
  look(): Promise<readonly Glimpse[]>
}

/** Opens streams of one origin. */
export type OpenVisit = (origin: string, streams: readonly Stream[]) => Promise<Visit>
