import type { AnyEvents, Catalogue, EventKey, EventsOfCatalogue, HasEvents, TypeName, TypeOfKey } from './catalogue.ts'
import type { Connectable } from './connection/connect.ts'
import type { Disconnection, PermissionChange } from './control.ts'
import type { StoredEvent, TrunklineEvent } from './event/event.ts'
import type {
  AnyPublish,
  ChannelPublish,
  GlobalPublish,
  PublishOptions,
  Receipt,
  SystemPublish,
  UserPublish,
} from './event/publish-input.ts'
import type { UserId } from './event/names.ts'
import type { FoundConnections, ProcessStatus } from './fleet/status.ts'
import type { LogStatus } from './log-status.ts'
import type { TrunklineOptions } from './options.ts'
import type { EventFilter } from './ports.ts'
import { Server } from './server.ts'
import type { Stats } from './stats.ts'
import type { Tracked } from './tracking/status.ts'
import type { Acknowledgement } from './tracking/tracking.ts'

/** Publishes events, listens to them, and serves streams of them: one per process and deployment. */
export interface Trunkline<E = AnyEvents, Tx = never, User = unknown> extends HasEvents<E>, Connectable<User>, AsyncDisposable {
  /**
   * Publishes to all browsers of one user. Resolves when the event is in the log.
   *
   * @example
   * await trunkline.publish({ userId: user.id, type: 'task_complete', detail: { task_id: 123 } })
   * await trunkline.publish({ userId: user.id, type: 'task_complete' }, { transaction }) // when that commits
   * @throws {TrunklineError} `invalid_*`, `unknown_type`, `reserved_type`, `event_too_large`: nothing was stored.
   * `store_unavailable`: the database could not be used, and the event may or may not arrive; give it an `idempotencyKey` to
   * repeat it safely. `overloaded`: too much waits to be stored.
   */
  publish<const K extends TypeName<E>>(event: UserPublish<E, K>, options?: PublishOptions<Tx>): Promise<Receipt>
  /**
   * Publishes to every browser, anonymous ones included. Throws as {@link Trunkline.publish} does.
   *
   * @example
   * await trunkline.publishGlobal({ type: 'maintenance', detail: { at: '22:00' } })
   */
  publishGlobal<const K extends TypeName<E>>(event: GlobalPublish<E, K>, options?: PublishOptions<Tx>): Promise<Receipt>
  /**
   * Publishes to backend subscribers only, in every process. Throws as {@link Trunkline.publish} does.
   *
   * @example
   * await trunkline.publishSystem({ type: 'cache_cleared' })
   */
  publishSystem<const K extends TypeName<E>>(event: SystemPublish<E, K>, options?: PublishOptions<Tx>): Promise<Receipt>
  /**
   * Publishes to the readers of one channel. Throws as {@link Trunkline.publish} does.
   *
   * @example
   * await trunkline.publishToChannel({ channel: 'room-7', type: 'message', detail: { text: 'hi' }, skipUserIds: ['3'] })
   */
  publishToChannel<const K extends TypeName<E>>(event: ChannelPublish<E, K>, options?: PublishOptions<Tx>): Promise<Receipt>
  /**
   * Publishes several events: all of them, in this order, or none. Each says its scope. Throws as {@link Trunkline.publish} does.
   *
   * @example
   * await trunkline.publishMany([
   *   { scope: 'user', userId: 7, type: 'invited' },
   *   { scope: 'channel', channel: 'room-7', type: 'joined', detail: { userId: 7 } },
   * ])
   */
  publishMany(events: readonly AnyPublish<E>[], options?: PublishOptions<Tx>): Promise<readonly Receipt[]>

  /**
   * Hears every event, of every scope. From now on, once listening: await start() first to miss nothing published after it. Returns its
   * unsubscribe. What a handler throws goes to onError, and harms no other.
   */
  subscribe(handler: (event: TrunklineEvent<E>) => unknown): () => void
  /**
   * Hears the events of one type, or of one `type:id`.
   *
   * @example
   * await trunkline.start()
   * const stop = trunkline.subscribe('page_imported:42', (event) => console.log(event.detail))
   */
  subscribe<const K extends EventKey<E>>(key: K, handler: (event: TrunklineEvent<E, TypeOfKey<E, K>>) => unknown): () => void

  /**
   * Starts to follow the log, and resolves when this process listens, or polls because it cannot listen (which goes to onError).
   * Not needed before connect and subscribe, which start it themselves.
   *
   * @throws {TrunklineError} `store_unavailable`, `not_migrated` and other troubles of the store; call it again to try again
   */
  start(): Promise<void>
  /**
   * Takes no new stream, ends those there are (a hundred at a time over `graceMs`, each client told to come back at a moment of its
   * own), finishes what is being published, stops listening. `graceMs` defaults to 5,000. Idempotent.
   *
   * @example
   * process.once('SIGTERM', async () => {
   *   server.close() // first, or clients that are sent away come back to this process
   *   await trunkline.stop()
   * })
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>

  /**
   * `'head'` (default): where a page rendered now stands; read it before the page's data. `'floor'`: before the oldest event still stored.
   *
   * @example
   * const cursor = await trunkline.cursor() // and then the data of the page
   * @throws {TrunklineError} `no_store`, `store_unavailable`
   */
  cursor(at?: 'head' | 'floor'): Promise<string>
  /**
   * The newest stored event with this id, or null.
   *
   * @throws {TrunklineError} `no_store`, `not_supported` by the store, `store_unavailable`
   */
  get(id: string): Promise<StoredEvent<E> | null>
  /**
   * Stored events, newest first. `before` is a cursor; `next` is the `before` of the next page, null at the end. `limit` defaults to 50.
   *
   * @example
   * const { events, next } = await trunkline.find({ channel: 'room-7', type: 'message', limit: 20 })
   * @throws {TrunklineError} `invalid_filter`, `invalid_cursor`, `no_store`, `not_supported` by the store, `store_unavailable`
   */
  find(
    filter?: EventFilter & { readonly limit?: number; readonly before?: string },
  ): Promise<{ readonly events: readonly StoredEvent<E>[]; readonly next: string | null }>
  /**
   * Sends a stored event again: the same id, a new place in the log.
   *
   * @throws {TrunklineError} `not_found`, `no_store`, `not_supported`; `reserved_type` for one of Trunkline's own
   */
  replay(id: string): Promise<Receipt>
  /**
   * Sends the stored events of a filter again, oldest first, 500 at a time; Trunkline's own are passed over. `onProgress` hears how many
   * have been sent.
   *
   * @example
   * const { count } = await trunkline.replayMany({ type: 'message', createdAfter: new Date(Date.now() - 3_600_000) })
   * @throws {TrunklineError} `invalid_filter`, `no_store`, `not_supported` by the store, `store_unavailable`
   */
  replayMany(
    filter: EventFilter,
    options?: { readonly onProgress?: (count: number) => void; readonly signal?: AbortSignal },
  ): Promise<{ readonly count: number }>
  /**
   * What has become of a stored event: the furthest it came, and what happened when and with whom. null when there is no such event.
   *
   * @throws {TrunklineError} `not_supported` without the option `tracking`
   */
  activities(id: string): Promise<Tracked | null>
  /**
   * Notes what a client says of events it got: those that are there and for it count. Adapters take it at `POST <mount>/acknowledge`.
   *
   * @throws {TrunklineError} `invalid_acknowledgement`, `invalid_user`; `not_supported` without the option `tracking`
   */
  acknowledge(acknowledgement: Acknowledgement<User>): Promise<{ readonly count: number }>
  /**
   * Deletes now what is over the retention, instead of within the next minutes.
   *
   * @throws {TrunklineError} `no_store`, `store_unavailable`
   */
  prune(): Promise<{ readonly count: number }>

  /**
   * Says that rights have changed. Every process asks canRead again for the streams of this user, of this channel, or of both, and
   * ends those that may no longer read, within a second. With a store it also reaches processes that do not listen at the moment.
   *
   * @example
   * await trunkline.permissionChanged({ userId: 7, channel: 'room-7' })
   * @throws {TrunklineError} `invalid_user`, `invalid_channel`, `store_unavailable`
   */
  permissionChanged(who: PermissionChange): Promise<void>
  /**
   * Ends streams in every process. The clients come back and are identified anew.
   *
   * @example
   * await trunkline.disconnect({ userId: 7 }) // signed out
   * @throws {TrunklineError} `invalid_user`, `store_unavailable`
   */
  disconnect(who: Disconnection): Promise<void>

  /**
   * Hears how every process of the deployment is, this one included: at once, and then every 10 s. While nobody watches, nothing is sent.
   * Returns the way to stop it. User ids, channel names and addresses of up to 20 connections of each process travel through the
   * notifier for it, as long as somebody watches.
   */
  watchProcesses(handler: (status: ProcessStatus) => void): () => void
  /**
   * One user's connections in all processes. Takes up to a second: as long as the slowest process, where {@link Trunkline.watchProcesses}
   * has told which there are.
   *
   * @throws {TrunklineError} `invalid_user`, `store_unavailable`
   */
  findConnections(of: { readonly userId: UserId }): Promise<FoundConnections>
  /**
   * How much is stored, and how much is meant to be.
   *
   * @throws {TrunklineError} `no_store`, `store_unavailable`
   */
  logStatus(): Promise<LogStatus>

  /** Plain numbers and states of this process. */
  stats(): Stats
}

/**
 * Makes a trunkline of a store and a notifier. Opens nothing: the first publish, subscriber or connection does.
 *
 * @example
 * const trunkline = createTrunkline({ ...postgres({ url: process.env.DATABASE_URL }) })
 * @throws {TrunklineError} `invalid_options`
 */
export function createTrunkline<const C extends Catalogue = {}, Tx = never, User = unknown>(
  options: TrunklineOptions<C, Tx, User>,
): Trunkline<EventsOfCatalogue<C>, Tx, User> {
  // The server inside knows no catalogue types: what it does with an event is the same for all of them.
  return new Server(options as unknown as TrunklineOptions<Catalogue, unknown, unknown>) as unknown as Trunkline<
    EventsOfCatalogue<C>,
    Tx,
    User
  >
}
