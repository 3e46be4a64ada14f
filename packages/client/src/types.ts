import type {
  AnyEvents,
  Catalogue,
  EventKey,
  EventMap,
  EventMapOf,
  HasEvents,
  MaybePromise,
  ResetReason,
  TrunklineEvent,
  TypeOfKey,
} from '@trunkline/core'

/** The event types of `typeof trunkline`, of `typeof catalogue`, or of an event map written by hand. */
export type EventsOf<T> =
  T extends HasEvents<infer E>
    ? unknown extends E
      ? AnyEvents
      : NonNullable<E>
    : T extends Catalogue
      ? EventMapOf<T>
      : T extends EventMap
        ? T
        : AnyEvents

/**
 * Types for `addEventListener`.
 *
 * @example
 * declare global {
 *   interface WindowEventMap extends DomEvents<typeof trunkline> {}
 * }
 */
export type DomEvents<T, Prefix extends string = 'trunkline'> = {
  [K in EventKey<EventsOf<T>> as `${Prefix}:${K}`]: CustomEvent<TrunklineEvent<EventsOf<T>, TypeOfKey<EventsOf<T>, K>>['detail']>
}

/**
 * How the connection is doing.
 *
 * - `connecting`: asking the server.
 * - `open`: the server has answered. `cursor` is the place up to which events were handed out by now; empty when nothing is stored.
 * - `waiting`: `attempt` tries have failed in a row; the next one comes after `delayMs`, or when the browser comes back online.
 * - `stopped`: for good, call `connect` again to go on. `closed` by `close()`; otherwise the server's answer: `unauthorized` is 401,
 *   `forbidden` 403, `bad_request` 400 or 404, `ended` 204 or 410.
 */
export type ConnectionState =
  | { readonly status: 'connecting' }
  | { readonly status: 'open'; readonly cursor: string; readonly role: 'leader' | 'follower' | 'alone' }
  | { readonly status: 'waiting'; readonly delayMs: number; readonly attempt: number; readonly because: string }
  | { readonly status: 'stopped'; readonly reason: 'closed' | 'unauthorized' | 'forbidden' | 'bad_request' | 'ended' }

/** What `connect` takes. */
export interface ClientOptions {
  /** Where the server's stream is. Relative to the page; outside of one it must be absolute. Defaults to '/realtime/sse'. */
  readonly endpoint?: string
  /** Sent as repeated `?channel=`. Defaults to none. */
  readonly channels?: readonly string[]
  /**
   * Where the page stands: events after it are delivered. It wins over the place that was kept. Defaults to that one, else to the moment
   * the server answers.
   */
  readonly cursor?: string
  /**
   * Keeps the place in `sessionStorage`, so that a reload without `cursor` misses nothing: one for each endpoint, for the person it was
   * of. `false` neither keeps nor uses it. Defaults to true in a page.
   */
  readonly keepPlace?: boolean
  /** Asked at every attempt, so that tokens refresh; rejecting counts as a failed attempt. Defaults to no headers. */
  readonly headers?: () => MaybePromise<Readonly<Record<string, string>>>
  /** What DOM events begin with, before the colon. Defaults to 'trunkline'. */
  readonly prefix?: string
  /** Where DOM events are dispatched; null for nowhere. Defaults to the window when there is one. */
  readonly target?: EventTarget | null
  /**
   * Whose tabs may share one connection: the server's opaque tag, from the script tag or `identityOf(userId)`; left out, the server is
   * asked once. `false`: a connection of its own.
   */
  readonly share?: false | { readonly identity?: string | undefined }
  /** Tells the connection's story with `console.debug`. Defaults to false. */
  readonly debug?: boolean
}

/**
 * A connection and those who listen to it. Details are deeply frozen: all listeners get the same object. A listener that throws is
 * reported as an uncaught error and harms no other.
 */
export interface Client<E = AnyEvents> extends AsyncDisposable {
  /** Listens to a type, to `type:id`, or to everything with `'*'`. Returns its unsubscribe. */
  on<const K extends EventKey<E>>(
    key: K,
    handler: (detail: TrunklineEvent<E, TypeOfKey<E, K>>['detail'], event: TrunklineEvent<E, TypeOfKey<E, K>>) => void,
  ): () => void
  on(key: '*', handler: (detail: TrunklineEvent<E>['detail'], event: TrunklineEvent<E>) => void): () => void

  /** The next such event. Rejects with the signal's reason, or with an AbortError when the client stops first. */
  once<const K extends EventKey<E>>(
    key: K,
    options?: { readonly signal?: AbortSignal },
  ): Promise<TrunklineEvent<E, TypeOfKey<E, K>>>

  /**
   * Every event from the first step of the loop on. The loop ends when the client stops or the signal is aborted. At most 10,000
   * events wait for a loop that is slower than they come; one more, and the loop throws: a gap is never silent.
   */
  events(options?: { readonly signal?: AbortSignal }): AsyncIterable<TrunklineEvent<E>>

  /** How the connection is doing now. */
  readonly state: ConnectionState
  /** Called at every change of status, not for each new cursor. Returns its unsubscribe. */
  onState(handler: (state: ConnectionState) => void): () => void
  /** The page's data is stale from here: reload it. Not called on an ordinary reconnect. Returns its unsubscribe. */
  onReset(handler: (reset: { readonly reason: ResetReason }) => void): () => void

  /** Reads these channels from now on, in place of those it read. The server decides whether it may. */
  setChannels(channels: readonly string[]): void
  /**
   * Says that an event has arrived, or was read; the server keeps it when it has `tracking`. Rejects when the server did not take it.
   */
  acknowledge(event: { readonly id: string }, status: 'delivered' | 'read'): Promise<void>

  /** Ends the connection for good. May be called again. */
  close(): void
}
