import { type AdminDoor, auditEvent } from './admin.ts'
import type { Connection, ConnectOptions } from './connection/connect.ts'
import { type Disconnection, disconnection, type PermissionChange, permissionChange } from './control.ts'
import { TrunklineError } from './errors.ts'
import type { UncheckedInput } from './event/create-event.ts'
import type { Scope, StoredEvent, TrunklineEvent } from './event/event.ts'
import { checkUserId, type UserId } from './event/names.ts'
import type { PublishOptions, Receipt } from './event/publish-input.ts'
import type { FoundConnections, ProcessStatus } from './fleet/status.ts'
import type { ReplayOptions } from './history.ts'
import { type LogStatus, logStatus } from './log-status.ts'
import { noStore } from './log.ts'
import { checkOptions, type Settings } from './options.ts'
import { transactionOf } from './publisher/transaction-of.ts'
import { keepPruning, prune } from './prune.ts'
import type { ErrorContext } from './report.ts'
import { buildRooms, type Options, type Rooms } from './rooms.ts'
import type { Stats } from './stats.ts'
import type { RingBounds } from './tail/ring.ts'
import { pause } from './time.ts'
import type { Tracked } from './tracking/status.ts'
import type { Acknowledgement, Tracking } from './tracking/tracking.ts'

type Handler = (event: TrunklineEvent) => unknown

/** What createTrunkline makes: gives every call to the room it concerns, and starts and stops them. */
export class Server {
  readonly #options: Options
  readonly #settings: Settings
  readonly #stopped = new AbortController()
  readonly #rooms: Rooms
  #started: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  /** @param ringBounds For tests that want a small memory. */
  constructor(options: Options, ringBounds?: RingBounds) {
    this.#options = options
    this.#settings = checkOptions(options)
    this.#rooms = buildRooms(options, this.#settings, this.#stopped.signal, ringBounds)
  }

  publish(event: UncheckedInput, options?: PublishOptions<unknown>): Promise<Receipt> {
    return this.#publishOne('user', event, options)
  }

  publishGlobal(event: UncheckedInput, options?: PublishOptions<unknown>): Promise<Receipt> {
    return this.#publishOne('global', event, options)
  }

  publishSystem(event: UncheckedInput, options?: PublishOptions<unknown>): Promise<Receipt> {
    return this.#publishOne('system', event, options)
  }

  publishToChannel(event: UncheckedInput, options?: PublishOptions<unknown>): Promise<Receipt> {
    return this.#publishOne('channel', event, options)
  }

  async publishMany(events: readonly UncheckedInput[], options?: PublishOptions<unknown>): Promise<readonly Receipt[]> {
    const { road } = this.#running()
    return road.publish(
      events.map((event) => ({ scope: event['scope'] as Scope, input: event })),
      transactionOf(options),
    )
  }

  subscribe(keyOrHandler: string | Handler, handler?: Handler): () => void {
    const { hub, report } = this.#running()
    const unsubscribe =
      typeof keyOrHandler === 'string' ? hub.subscribers.add(handler as Handler, keyOrHandler) : hub.subscribers.add(keyOrHandler)
    this.start().catch((error: unknown) => report(error, { stage: 'listen' }))
    return unsubscribe
  }

  start(): Promise<void> {
    if (this.#stopping !== undefined) return Promise.reject(stopped())
    this.#started ??= this.#start().catch((error: unknown) => {
      this.#started = undefined
      throw error
    })
    return this.#started
  }

  async #start(): Promise<void> {
    const { tail, listener, report } = this.#rooms
    await tail.start()
    // Stopped while it started: nothing may listen that nobody will stop.
    this.#running()
    await listener.start()
    const { store } = this.#options
    if (store !== undefined) void keepPruning(store, this.#settings.retention, report, this.#stopped.signal)
  }

  stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(options.graceMs ?? 5_000)
    return this.#stopping
  }

  async #stop(graceMs: number): Promise<void> {
    const { hub, road, tracking, tail, listener } = this.#rooms
    await hub.closeAll(graceMs, this.#stopped.signal)
    const written = Promise.all([road.drain(), tracking?.tracker.drain()])
    await Promise.race([written, pause(graceMs, this.#stopped.signal)])
    this.#stopped.abort()
    tail.stop()
    await listener.stop()
    await this.#options.notifier.close?.()
    await this.#options.store?.close?.()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async connect(options: ConnectOptions): Promise<Connection> {
    const { reception } = this.#running()
    reception.checkLimits()
    await this.start()
    return reception.open(options, () => this.#running())
  }

  async authorize(options: ConnectOptions): Promise<void> {
    await this.#running().reception.authorize(options)
  }

  get hookTimeoutMs(): number {
    return this.#settings.hookTimeoutMs
  }

  get tracking(): boolean {
    return this.#rooms.tracking !== undefined
  }

  async acknowledge(acknowledgement: Acknowledgement): Promise<{ readonly count: number }> {
    const { reception } = this.#running()
    const { userId: given, user } = acknowledgement
    const userId = given === null ? null : checkUserId(given)
    return this.#tracking('acknowledge()').acknowledge(acknowledgement, userId, (channel) =>
      reception.mayRead({
        audience: { userId, user, channels: [channel] },
        get request() {
          return acknowledgement.request
        },
      }),
    )
  }

  async activities(id: string): Promise<Tracked | null> {
    this.#running()
    return this.#tracking('activities()').get(id)
  }

  report(error: unknown, context: ErrorContext): void {
    this.#rooms.report(error, context)
  }

  async cursor(end: 'head' | 'floor' = 'head'): Promise<string> {
    const { log } = this.#running()
    if (log === undefined) throw noStore('cursor()')
    return log.cursor(end)
  }

  async get(id: string): Promise<StoredEvent | null> {
    return this.#running().history.get(id)
  }

  async find(filter: object = {}): Promise<{ readonly events: readonly StoredEvent[]; readonly next: string | null }> {
    return this.#running().history.find(filter)
  }

  async replay(id: string): Promise<Receipt> {
    return this.#running().history.replay(id)
  }

  async replayMany(filter: object, options: ReplayOptions = {}): Promise<{ readonly count: number }> {
    return this.#running().history.replayMany(filter, options)
  }

  async prune(): Promise<{ readonly count: number }> {
    this.#running()
    const { store } = this.#options
    if (store === undefined) throw noStore('prune()')
    return { count: await prune(store, this.#settings.retention, this.#stopped.signal) }
  }

  async permissionChanged(who: PermissionChange): Promise<void> {
    await this.#running().road.send([permissionChange(who)])
  }

  async disconnect(who: Disconnection): Promise<void> {
    await this.#running().road.send([disconnection(who)])
  }

  watchProcesses(handler: (status: ProcessStatus) => void): () => void {
    const { fleet, report } = this.#running()
    const stop = fleet.watch(handler)
    this.start().then(
      () => fleet.round(),
      (error: unknown) => report(error, { stage: 'listen' }),
    )
    return stop
  }

  async findConnections(of: { readonly userId: UserId }): Promise<FoundConnections> {
    const { fleet } = this.#running()
    const userId = checkUserId(of?.userId)
    await this.start()
    return fleet.search(userId)
  }

  async logStatus(): Promise<LogStatus> {
    const { log } = this.#running()
    if (log === undefined) throw noStore('logStatus()')
    return logStatus(log, this.#options.store, this.#settings.retention)
  }

  /** See {@link adminDoor}. */
  get '~admin'(): AdminDoor {
    const { events, store } = this.#options
    return {
      types: events === undefined ? null : Object.keys(events),
      hasArchive: store?.archive !== undefined,
      stopped: this.#stopped.signal,
      count: (filter, limit) => this.#running().history.count(filter, limit),
      audit: async (entry) => {
        const [receipt] = await this.#running().road.send([auditEvent(entry)])
        return receipt as Receipt
      },
    }
  }

  stats(): Stats {
    return this.#rooms.stats()
  }

  async #publishOne(scope: Scope, input: UncheckedInput, options: PublishOptions<unknown> | undefined): Promise<Receipt> {
    const [receipt] = await this.#running().road.publish([{ scope, input }], transactionOf(options))
    return receipt as Receipt
  }

  #tracking(what: string): Tracking {
    const { tracking } = this.#rooms
    if (tracking !== undefined) return tracking
    throw new TrunklineError('not_supported', `${what} needs the option tracking: true.`)
  }

  /** The rooms, as long as nobody has stopped them. */
  #running(): Rooms {
    if (this.#stopping !== undefined) throw stopped()
    return this.#rooms
  }
}

function stopped(): TrunklineError {
  return new TrunklineError('stopped', 'This trunkline was stopped. Make a new one.')
}
