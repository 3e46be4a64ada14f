import type {
  AnyEvents,
  Catalogue,
  CloseReason,
  ConnectOptions,
  ErrorContext,
  EventKey,
  ResetReason,
  Scope,
  Trunkline,
  TrunklineEvent,
  TrunklineOptions,
  TypeName,
  TypeOfKey,
} from '@trunkline/core'

import type { HarnessClock } from './clock.ts'
import type { HarnessTransaction } from './transaction.ts'

/** What createTrunkline takes, but for the store and the notifier: the harness brings its own. */
export interface HarnessOptions<C extends Catalogue, User> extends Omit<
  TrunklineOptions<C, HarnessTransaction, User>,
  'store' | 'notifier'
> {
  /** Where the harness's clock stands at first. Defaults to the time at which the harness is made. */
  readonly now?: Date
}

/** A deployment of Trunkline in memory, for the test of an application. */
export interface Harness<E = AnyEvents, User = unknown> extends Expectations<TrunklineEvent<E>, E>, AsyncDisposable {
  /** What the application under test is given in place of its own. */
  readonly trunkline: Trunkline<E, HarnessTransaction, User>
  /** The time of the log: it stands still until it is advanced. */
  readonly clock: HarnessClock
  /** What went to `onError`, in the order in which it happened. */
  readonly errors: readonly HarnessError[]
  /**
   * Connects a client, and resolves once its stream has begun: what is published from then on is for it. As somebody: `{ userId,
   * channels }`, anonymous by default. Or through the application: give it the Response that the application's own stream answered.
   *
   * @throws {TrunklineError} `forbidden` and whatever else `trunkline.connect` refuses with
   */
  connect(to?: HarnessConnectOptions<User> | Response): Promise<HarnessClient<E>>
  /**
   * Begins a transaction: what is published in it arrives when it commits, and never when it rolls back. Given `yours`, the
   * transaction object that your code hands to publish, events published with that object belong to it.
   */
  transaction(yours?: object): HarnessTransaction
}

/** Who connects. Left out: an anonymous client without channels. */
export type HarnessConnectOptions<User> = Partial<Omit<ConnectOptions<User>, 'dialect'>>

/** A failure without a caller. */
export interface HarnessError extends ErrorContext {
  readonly error: unknown
}

/** A client that reads the bytes of its stream as they come. */
export interface HarnessClient<E = AnyEvents> extends Expectations<ReceivedEvent<E>, E>, AsyncDisposable {
  /** Where it stands: connect with it as `cursor` to come back. Empty when it has no place, as before a reset. */
  readonly cursor: string
  /** The resets it was told of: from each on, it has missed something. */
  readonly resets: readonly ReceivedReset[]
  /** All that came, as it came: heartbeats, goodbye and all. */
  readonly frames: readonly ReceivedFrame[]
  /** Resolves when the stream has ended, and says why: what the server said, `client` after close(), `error` when it broke off. */
  readonly closed: Promise<CloseReason>
  /** Ends the stream. Idempotent. */
  close(): void
}

/** An event as it comes to a client: without the user it is for, who is not on the wire. */
export type ReceivedEvent<E = AnyEvents, K extends TypeName<E> = TypeName<E>> = {
  [T in K]: {
    readonly id: string
    readonly type: T
    readonly detail: TrunklineEvent<E, T>['detail']
    readonly scope: Exclude<Scope, 'system'>
    readonly channel?: string
    readonly createdAt: string
    /** Absent when the event is not stored. */
    readonly cursor?: string
  }
}[K]

/** A client was told that its place could not be honoured. */
export interface ReceivedReset {
  readonly reason: ResetReason
  readonly channels: readonly string[]
}

/** One server-sent event as the parser read it. */
export interface ReceivedFrame {
  readonly event?: string | undefined
  readonly id?: string | undefined
  readonly data: string
}

/** What a test waits for. Each event is handed out once: two expectations of the same kind want two events. */
export interface Expectations<Event extends { readonly type: string; readonly detail: unknown }, E> {
  /** Everything that came, handed out or not, in the order in which it came. */
  readonly events: readonly Event[]
  /**
   * Resolves with the first event of a type, or of a `type:id`, that no expectation was given before: one that has come already, or
   * comes in time. `'*'` is any type. A detail is compared as far as it is given; a function decides for itself.
   *
   * @example
   * await client.expectEvent('order_paid:7', { status: 'paid' })
   * @throws {Error} when none came in time; it says what did come, what was published, and why that is not the same
   */
  expectEvent<const K extends EventKey<E> | '*'>(
    key: K,
    matches: (detail: EventOfKey<Event, E, K>['detail'], event: EventOfKey<Event, E, K>) => unknown,
    options?: ExpectOptions,
  ): Promise<EventOfKey<Event, E, K>>
  expectEvent<const K extends EventKey<E> | '*'>(
    key: K,
    detail?: PartOf<EventOfKey<Event, E, K>['detail']>,
    options?: ExpectOptions,
  ): Promise<EventOfKey<Event, E, K>>
  /**
   * Resolves when no such event has come, nor does for a while. It cannot know what comes later: expect what the same action does
   * publish first, and then that this was all.
   *
   * @throws {Error} when one came
   */
  expectNoEvent<const K extends EventKey<E> | '*'>(
    key: K,
    matches: (detail: EventOfKey<Event, E, K>['detail'], event: EventOfKey<Event, E, K>) => unknown,
    options?: ExpectOptions,
  ): Promise<void>
  expectNoEvent<const K extends EventKey<E> | '*'>(
    key: K,
    detail?: PartOf<EventOfKey<Event, E, K>['detail']>,
    options?: ExpectOptions,
  ): Promise<void>
}

/** How long to wait. */
export interface ExpectOptions {
  /** Milliseconds, of real time. Defaults to 2,000 for expectEvent and to 50 for expectNoEvent. */
  readonly within?: number
}

/** The events that a key stands for. */
export type EventOfKey<Event extends { readonly type: string }, E, K extends string> = K extends '*'
  ? Event
  : string extends TypeName<E>
    ? Event
    : Extract<Event, { readonly type: TypeOfKey<E, K> }>

/** A detail, or as much of it as matters. */
export type PartOf<D> = unknown extends D ? unknown : D extends object ? { readonly [P in keyof D]?: PartOf<D[P]> } : D
