import type { Connectable, Dialect, DialectName, MaybePromise, UserId } from '@trunkline/core'

/** A header of the request that a host was asked with; null or undefined when it has none of this name. */
export type ReadHeader = (name: string) => string | null | undefined

/** What `identify` answers in the cases. */
export type Identity =
  | UserId
  | null
  | undefined
  | false
  | { readonly userId: UserId | null; readonly user?: unknown; readonly expiresAt?: Date }

/** The options of an adapter that have nothing to do with its framework: to be passed on as they are. */
export interface AdapterSettings {
  readonly routes?: { readonly stream?: string; readonly script?: string | false }
  readonly dialect?: DialectName | Dialect | readonly [DialectName | Dialect, ...(DialectName | Dialect)[]]
  readonly cors?:
    | {
        readonly origins: '*' | readonly string[] | ((origin: string) => MaybePromise<boolean>)
        readonly credentials?: boolean
        readonly headers?: readonly string[]
        readonly maxAgeS?: number
      }
    | false
  readonly maxChannels?: number
}

/** What the adapter has to be made with for one case. */
export interface AdapterSetup {
  readonly trunkline: Connectable
  /** Where it is mounted. May hold `:name` segments. */
  readonly path: string
  readonly settings: AdapterSettings
  /** The adapter's `identify`, for any framework: it looks at headers alone. */
  readonly identify: (header: ReadHeader) => MaybePromise<Identity>
  /** The adapter's `channels`; undefined leaves them to the query. */
  readonly channels:
    | readonly string[]
    | ((header: ReadHeader, params: Readonly<Record<string, string>>) => MaybePromise<readonly string[]>)
    | undefined
}

/** How a host is asked. */
export interface AskOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Aborted when the client goes away, before or after it has got an answer. */
  readonly signal?: AbortSignal
}

/** A framework with the adapter in it, made for one case. */
export interface AdapterHost {
  /**
   * Asks as a client does. Resolves as soon as there are headers. MUST NOT read the body ahead of who reads it, by more than a socket
   * does anyway. Who cancels the body, or aborts, has gone without a word, as a closed tab does.
   */
  ask(path: string, options: AskOptions): Promise<Response>
  /** Headers that the protocol puts on every answer, in HTTP/1.1 `connection` and the like: no adapter has set them. Defaults to none. */
  readonly protocolHeaders?: readonly string[]
  /** What the application behind the adapter answers to everything that is not the adapter's, with 200. Left out: it is answered with 404. */
  readonly application?: string
  /** Counts what requests may leave behind: listeners, timers. Left out: nothing there can be counted. */
  residue?(): number
  /** Ends the host, and whatever is still connected to it. */
  dispose(): Promise<void>
}
