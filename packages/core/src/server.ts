import type { Catalogue } from './catalogue.ts'
import { CatchUp } from './connection/catch-up.ts'
import {
  admit,
  closedChannels,
  type Connection as PublicConnection,
  type ConnectOptions,
  type Doorkeeper,
} from './connection/connect.ts'
import { Connection } from './connection/connection.ts'
import { type Disconnection, disconnection, type PermissionChange, permissionChange } from './control.ts'
import { createCounters } from './counters.ts'
import { TrunklineError } from './errors.ts'
import type { Scope, StoredEvent, TrunklineEvent } from './event/event.ts'
import type { PublishOptions, Receipt } from './event/publish-input.ts'
import type { UncheckedInput } from './event/create-event.ts'
import { checkUserId } from './event/names.ts'
import { History, type ReplayOptions } from './history.ts'
import { Hub } from './hub/hub.ts'
import { Listener } from './listener.ts'
import { Log, noStore } from './log.ts'
import { checkOptions, type SendContext, type Settings, type TrunklineOptions } from './options.ts'
import { keepPruning, prune } from './prune.ts'
import { PublishRoad } from './publisher/publish-road.ts'
import { createReport, type ErrorContext, type Report } from './report.ts'
import type { Stats } from './stats.ts'
import { EntryMaker } from './tail/entry-maker.ts'
import type { RingBounds } from './tail/ring.ts'
import { type Follower, Tail } from './tail/tail.ts'
import { at, pause } from './time.ts'
import type { Tracked } from './tracking/status.ts'
import { type Acknowledgement, checkTracking, Tracking } from './tracking/tracking.ts'

type Options = TrunklineOptions<Catalogue, unknown, unknown>
type Handler = (event: TrunklineEvent) => unknown

/** What createTrunkline makes: puts the rooms together, and gives every call to the one it concerns. */
export class Server {
  readonly #options: Options
  readonly #settings: Settings
  readonly #report: Report
  readonly #counters = createCounters()
  readonly #stopped = new AbortController()
  readonly #log: Log | undefined
  readonly #road: PublishRoad
  readonly #history: History
  readonly #makeEntries: EntryMaker
  readonly #hub: Hub
  readonly #tail: Tail
  readonly #listener: Listener
  readonly #catchUp: CatchUp | undefined
  readonly #tracking: Tracking | undefined
  #started: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  /** @param ringBounds For tests that want a small memory. */
  constructor(options: Options, ringBounds?: RingBounds) {
    const settings = checkOptions(options)
    const { store, notifier, onReceive, logger } = options
    const plainReport = createReport(options.onError, logger)
    const tracking = settings.tracking
      ? new Tracking({
          archive: checkTracking(store?.archive),
          recent: (id) => this.#tail.ring.find(id)?.source,
          report: plainReport,
          stopped: this.#stopped.signal,
        })
      : undefined
    const report: Report = (error, context) => {
      if (context.eventId !== undefined) tracking?.tracker.note(context.eventId, null, 'error')
      plainReport(error, context)
    }
    const counters = this.#counters
    this.#options = options
    this.#settings = settings
    this.#report = report
    this.#log = store === undefined ? undefined : new Log(store)
    this.#road = new PublishRoad({ ...options, maxEventBytes: settings.maxEventBytes, log: this.#log, counters, report })
    this.#history = new History(store, this.#log, this.#road)
    this.#makeEntries = new EntryMaker({
      onReceive,
      hookTimeoutMs: settings.hookTimeoutMs,
      report,
    })
    const hub = new Hub({ heartbeatMs: settings.heartbeatMs, report })
    const catchUp =
      this.#log === undefined ? undefined : new CatchUp(this.#log, { counters, report, stopped: this.#stopped.signal })
    const follower: Follower = {
      deliver: (entries) => {
        tracking?.tracker.dispatched(entries)
        hub.deliver(entries)
      },
      rejoin: () => {
        catchUp?.forget()
        hub.rejoin()
      },
    }
    this.#hub = hub
    this.#tracking = tracking
    this.#catchUp = catchUp
    this.#tail = new Tail({ log: this.#log, makeEntries: this.#makeEntries, follower, report, ringBounds })
    this.#listener = new Listener(notifier, this.#tail, report)
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
    this.#checkRunning()
    return this.#road.publish(
      events.map((event) => ({ scope: event['scope'] as Scope, input: event })),
      options?.transaction,
    )
  }

  subscribe(keyOrHandler: string | Handler, handler?: Handler): () => void {
    this.#checkRunning()
    const unsubscribe =
      typeof keyOrHandler === 'string'
        ? this.#hub.subscribers.add(handler as Handler, keyOrHandler)
        : this.#hub.subscribers.add(keyOrHandler)
    this.start().catch((error: unknown) => this.#report(error, { stage: 'listen' }))
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
    await this.#tail.start()
    // Stopped while it started: nothing may listen that nobody will stop.
    this.#checkRunning()
    await this.#listener.start()
    const { store } = this.#options
    if (store !== undefined) void keepPruning(store, this.#settings.retention, this.#report, this.#stopped.signal)
  }

  stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(options.graceMs ?? 5_000)
    return this.#stopping
  }

  async #stop(graceMs: number): Promise<void> {
    await this.#hub.closeAll(graceMs, this.#stopped.signal)
    const written = Promise.all([this.#road.drain(), this.#tracking?.tracker.drain()])
    await Promise.race([written, pause(graceMs, this.#stopped.signal)])
    this.#stopped.abort()
    this.#tail.stop()
    await this.#listener.stop()
    await this.#options.notifier.close?.()
    await this.#options.store?.close?.()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async connect(options: ConnectOptions): Promise<PublicConnection> {
    this.#checkRunning()
    this.#checkLimits()
    await this.start()
    const changes = this.#hub.changes
    const setup = await admit(options, this.#door)
    // Others may have come while canRead was asked.
    this.#checkRunning()
    this.#checkLimits(setup.audience.userId)
    const connection = new Connection(
      {
        tail: this.#tail,
        makeEntries: this.#makeEntries,
        catchUp: this.#catchUp,
        counters: this.#counters,
        tracker: this.#tracking?.tracker,
        heartbeatMs: this.#settings.heartbeatMs,
        hookTimeoutMs: this.#settings.hookTimeoutMs,
        report: this.#report,
        stopped: this.#stopped.signal,
      },
      setup,
    )
    this.#admit(connection, options)
    // Its rights may have changed between the answer and now.
    if (this.#hub.changes !== changes) void connection.checkRights()
    return connection
  }

  get tracking(): boolean {
    return this.#tracking !== undefined
  }

  async acknowledge(acknowledgement: Acknowledgement): Promise<{ readonly count: number }> {
    this.#checkRunning()
    const { userId: given, user } = acknowledgement
    const userId = given === null ? null : checkUserId(given)
    return this.#needTracking('acknowledge()').acknowledge(acknowledgement, userId, async (channel) => {
      const context: SendContext = {
        audience: { userId, user, channels: [channel] },
        get request() {
          return acknowledgement.request
        },
      }
      return (await closedChannels(context, this.#door, this.#settings.hookTimeoutMs)).length === 0
    })
  }

  async activities(id: string): Promise<Tracked | null> {
    this.#checkRunning()
    return this.#needTracking('activities()').get(id)
  }

  report(error: unknown, context: ErrorContext): void {
    this.#report(error, context)
  }

  async cursor(end: 'head' | 'floor' = 'head'): Promise<string> {
    this.#checkRunning()
    if (this.#log === undefined) throw noStore('cursor()')
    return this.#log.cursor(end)
  }

  async get(id: string): Promise<StoredEvent | null> {
    this.#checkRunning()
    return this.#history.get(id)
  }

  async find(filter: object = {}): Promise<{ readonly events: readonly StoredEvent[]; readonly next: string | null }> {
    this.#checkRunning()
    return this.#history.find(filter)
  }

  async replay(id: string): Promise<Receipt> {
    this.#checkRunning()
    return this.#history.replay(id)
  }

  async replayMany(filter: object, options: ReplayOptions = {}): Promise<{ readonly count: number }> {
    this.#checkRunning()
    return this.#history.replayMany(filter, options)
  }

  async prune(): Promise<{ readonly count: number }> {
    this.#checkRunning()
    const { store } = this.#options
    if (store === undefined) throw noStore('prune()')
    return { count: await prune(store, this.#settings.retention, this.#stopped.signal) }
  }

  async permissionChanged(who: PermissionChange): Promise<void> {
    this.#checkRunning()
    await this.#road.send([permissionChange(who)])
  }

  async disconnect(who: Disconnection): Promise<void> {
    this.#checkRunning()
    await this.#road.send([disconnection(who)])
  }

  stats(): Stats {
    return {
      listener: this.#listener.stats,
      tail: { cursor: this.#tail.cursor === '' ? null : this.#tail.cursor, lagMs: this.#tail.lagMs },
      connections: this.#hub.size,
      queuedBytes: this.#hub.queuedBytes,
      counters: { ...this.#counters },
    }
  }

  get #door(): Doorkeeper {
    const { canRead, beforeSend } = this.#options
    const { hookTimeoutMs } = this.#settings
    return { canRead, beforeSend, hookTimeoutMs, report: this.#report, salt: this.#tail.place.epoch }
  }

  #needTracking(what: string): Tracking {
    if (this.#tracking !== undefined) return this.#tracking
    throw new TrunklineError('not_supported', `${what} needs the option tracking: true.`)
  }

  async #publishOne(scope: Scope, input: UncheckedInput, options: PublishOptions<unknown> | undefined): Promise<Receipt> {
    this.#checkRunning()
    const [receipt] = await this.#road.publish([{ scope, input }], options?.transaction)
    return receipt as Receipt
  }

  #admit(connection: Connection, { signal, expiresAt }: ConnectOptions): void {
    this.#hub.add(connection)
    const leave = (): void => connection.close()
    signal?.addEventListener('abort', leave)
    const cancelExpiry = expiresAt === undefined ? undefined : at(expiresAt, () => connection.end('expired'))
    void connection.closed.then(() => {
      this.#hub.remove(connection)
      signal?.removeEventListener('abort', leave)
      cancelExpiry?.()
    })
    if (signal?.aborted === true) leave()
  }

  #checkRunning(): void {
    if (this.#stopping !== undefined) throw stopped()
  }

  #checkLimits(userId: string | null = null): void {
    const { maxConnections, maxConnectionsPerUser } = this.#settings
    if (this.#hub.size >= maxConnections) {
      throw new TrunklineError('overloaded', `This process has ${maxConnections} streams, its maxConnections.`)
    }
    if (userId !== null && this.#hub.connectionsOf(userId) >= maxConnectionsPerUser) {
      throw new TrunklineError(
        'too_many_connections',
        `This user has ${maxConnectionsPerUser} streams, the maxConnectionsPerUser.`,
      )
    }
  }
}

function stopped(): TrunklineError {
  return new TrunklineError('stopped', 'This trunkline was stopped. Make a new one.')
}
