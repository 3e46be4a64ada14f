import type { Connection } from '../connection/connect.ts'
import type { UserId } from '../event/names.ts'
import type { MaybePromise } from '../hooks.ts'
import type { Dialect, DialectName } from '../wire/dialect.ts'

/**
 * What identify may answer. `undefined` and `null` are anonymous, `false` refuses with 401; '' and NaN are a 500, never anonymous. One that
 * takes longer than `hookTimeoutMs` is a 503.
 */
export type Identified<User> =
  | UserId
  | null
  | undefined
  | false
  | {
      readonly userId: UserId | null
      /** Yours; hooks and canRead get it as `audience.user`. */
      readonly user?: User
      /** The stream ends then and the client comes back to be identified anew. */
      readonly expiresAt?: Date
      /** Where the client really comes from, behind a proxy: shown by admin. Defaults to the address of the connection, where the host tells it. */
      readonly address?: string
    }

/** What a host gives: an adapter is the translation of its request into this and of the answer back. */
export interface HttpRequest<User = unknown> {
  readonly method: string
  /** Path and query as the client sent them, after the mount was taken off. */
  readonly url: string
  header(name: string): string | null
  /** The other end of the connection; left out where the host does not tell it. */
  readonly address?: string | undefined
  readonly params: Readonly<Record<string, string>>
  identify(): MaybePromise<Identified<User>>
  /** Left out: repeated `?channel=`. Fixed ones win over the query. */
  channels?: (() => MaybePromise<readonly string[]>) | undefined
  /** Called only when a hook or canRead touches `request`: an eager Request costs 3.4 KB per connection. */
  toRequest(): Request
}

/** What an adapter writes: a whole answer, or a stream that it writes chunk by chunk. */
export type HttpAnswer =
  | { readonly status: number; readonly headers: Headers; readonly body: string | null }
  | { readonly status: 200; readonly headers: Headers; readonly body: Connection }

/** Which other origins may read. */
export interface Cors {
  readonly origins: '*' | readonly string[] | ((origin: string) => MaybePromise<boolean>)
  /** Whether cookies travel. Defaults to false; not possible with `'*'`. */
  readonly credentials?: boolean
  /** Request headers beside those that need no leave. Defaults to `['authorization']`. */
  readonly headers?: readonly string[]
  /** Seconds a browser may remember a preflight. Defaults to 7,200. */
  readonly maxAgeS?: number
}

/** Bytes of the browser client: `@trunkline/client/script`'s. Core never imports the client. */
export interface ClientScript {
  readonly source: string
  readonly etag: string
  readonly integrity: string
}

/** What every adapter takes beside `identify`. */
export interface HttpOptions {
  /** Where the stream and the script are under the mount. Defaults to '/sse' and '/client.js'; a trailing slash is accepted. */
  readonly routes?: { readonly stream?: string; readonly script?: string | false }
  /** Of a list the first is for everyone, and a client may ask for another one by its name: `?dialect=`. Defaults to `'trunkline'`. */
  readonly dialect?: DialectName | Dialect | readonly [DialectName | Dialect, ...(DialectName | Dialect)[]]
  /** Begin each stream with a comment of 2 KiB, for what stands between and holds back first bytes. Defaults to false. */
  readonly padding?: boolean
  /** Defaults to false: same origin only. */
  readonly cors?: Cors | false
  /** Channels of one stream; more are refused with 400. Defaults to 10. */
  readonly maxChannels?: number
  /** Left out: there is no script route. */
  readonly clientScript?: ClientScript
}
