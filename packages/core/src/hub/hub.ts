import type { Connection } from '../connection/connection.ts'
import { type Control, isControl, readControl } from '../control.ts'
import { readEvent } from '../event/read-event.ts'
import type { Histogram } from '../measures/histogram.ts'
import type { NewEvent } from '../ports.ts'
import type { Report } from '../report.ts'
import { type Entry, Run } from '../tail/entry.ts'
import { type Cancel, every, pause } from '../time.ts'
import type { Dialect } from '../wire/dialect.ts'
import { encodeFrame } from '../wire/frame.ts'
import { Subscribers } from './subscribers.ts'

/** Controls that are obeyed before their turn; the next ones wait for theirs. */
const maxObeyed = 1_000

const none: ReadonlySet<Connection> = new Set()

/** Streams that are ended together when the process stops. */
const closedAtOnce = 100

/**
 * One per process: knows who is connected, and hands what comes to exactly those it is for. A connection that cannot take it now
 * is passed over: it knows its place, and reads on from there by itself.
 */
export class Hub {
  readonly subscribers: Subscribers
  readonly #heartbeatMs: number
  readonly #latencyMs: Histogram
  readonly #connections = new Set<Connection>()
  readonly #byUser = new Map<string, Set<Connection>>()
  readonly #byChannel = new Map<string, Set<Connection>>()
  #stopHeartbeat: Cancel | undefined
  /** Ids of what was obeyed as soon as it was heard. */
  readonly #obeyed = new Set<string>()
  #changes = 0

  constructor({ heartbeatMs, latencyMs, report }: { heartbeatMs: number; latencyMs: Histogram; report: Report }) {
    this.#heartbeatMs = heartbeatMs
    this.#latencyMs = latencyMs
    this.subscribers = new Subscribers(report)
  }

  get size(): number {
    return this.#connections.size
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections
  }

  connectionsOf(userId: string): ReadonlySet<Connection> {
    return this.#byUser.get(userId) ?? none
  }

  /** Bytes that wait in this process for clients to take them. */
  get queuedBytes(): number {
    let bytes = 0
    for (const connection of this.#connections) bytes += connection.heldBytes
    return bytes
  }

  add(connection: Connection): void {
    this.#connections.add(connection)
    const { userId, channels } = connection.audience
    if (userId !== null) addTo(this.#byUser, userId, connection)
    for (const channel of channels) addTo(this.#byChannel, channel, connection)
    this.#stopHeartbeat ??= every(this.#heartbeatMs, () => this.#beat())
  }

  remove(connection: Connection): void {
    this.#connections.delete(connection)
    const { userId, channels } = connection.audience
    if (userId !== null) removeFrom(this.#byUser, userId, connection)
    for (const channel of channels) removeFrom(this.#byChannel, channel, connection)
    if (this.#connections.size > 0) return
    this.#stopHeartbeat?.()
    this.#stopHeartbeat = undefined
  }

  /** How often rights were said to have changed: who was let in while it rose has to be asked about again. */
  get changes(): number {
    return this.#changes
  }

  deliver(entries: readonly Entry[]): void {
    for (const { event, source } of entries) {
      if (!isControl(source)) this.subscribers.tell(event)
      else if (!this.#obeyed.delete(source.id)) this.#obey(readControl(event.detail))
    }
    const [only] = entries
    this.#measure(entries, only !== undefined && entries.length === 1 ? [this.#handOne(only)] : this.#handAll(entries))
  }

  /** An event that comes alone, as most do, needs no book of who gets what. Answers how many it was for. */
  #handOne(entry: Entry): number {
    const receivers: Connection[] = []
    for (const connection of this.#near(entry)) {
      if (connection.isWaiting && connection.wants(entry)) receivers.push(connection)
    }
    const run = new Run([entry])
    for (const connection of receivers) connection.hand(run)
    return receivers.length
  }

  /** Each connection gets all that is for it at once. Answers how many each entry was for. */
  #handAll(entries: readonly Entry[]): readonly number[] {
    const runs = new Map<Connection, Run>()
    const start = new Run([])
    const receivers = entries.map((entry) => {
      let count = 0
      for (const connection of this.#near(entry)) {
        if (!connection.isWaiting || !connection.wants(entry)) continue
        runs.set(connection, (runs.get(connection) ?? start).with(entry))
        count++
      }
      return count
    })
    for (const [connection, run] of runs) connection.hand(run)
    return receivers
  }

  #measure(entries: readonly Entry[], receivers: readonly number[]): void {
    const now = Date.now()
    for (const [index, { event }] of entries.entries()) {
      const count = receivers[index] as number
      if (count > 0) this.#latencyMs.observe(Math.max(0, now - Date.parse(event.createdAt)), count)
    }
  }

  /** What was just heard, and may have to wait for its turn: rights that were taken do not wait with it. */
  hear(events: readonly NewEvent[]): void {
    for (const event of events) {
      if (!isControl(event) || this.#obeyed.size >= maxObeyed) continue
      this.#obeyed.add(event.id)
      this.#obey(readControl(readEvent(event, undefined).detail))
    }
  }

  rejoin(isKnown: boolean): void {
    this.#obeyed.clear()
    this.#changes++
    for (const connection of this.#connections) connection.rejoin(isKnown)
  }

  miss(): void {
    for (const connection of this.#connections) connection.miss()
  }

  /** Ends every stream: a hundred at a time, spread over `graceMs`, so that their clients do not fall upon the next server all at once. */
  async closeAll(graceMs: number, signal: AbortSignal): Promise<void> {
    const connections = [...this.#connections]
    const batches = Math.ceil(connections.length / closedAtOnce)
    for (let batch = 0; batch < batches; batch++) {
      if (batch > 0) await pause(graceMs / batches, signal)
      for (const connection of connections.slice(batch * closedAtOnce, (batch + 1) * closedAtOnce)) connection.end('stopped')
    }
  }

  #obey(control: Control | null): void {
    if (control === null) return
    this.#changes++
    for (const connection of this.#concerned(control)) {
      if (control.kind === 'disconnect') connection.end('disconnected')
      else void connection.checkRights()
    }
  }

  #concerned(control: Control): readonly Connection[] {
    const { userId } = control
    const connections = [...(userId === undefined ? this.#connections : (this.#byUser.get(userId) ?? []))]
    if (control.kind === 'disconnect') {
      const { connectionId } = control
      return connectionId === undefined ? connections : connections.filter(({ id }) => id === connectionId)
    }
    const { channel } = control
    return channel === undefined ? connections : connections.filter(({ audience }) => audience.channels.includes(channel))
  }

  /** Those an entry may be for. Whether it is, the connection says. */
  #near({ source }: Entry): Iterable<Connection> {
    switch (source.scope) {
      case 'global':
        return this.#connections
      case 'user':
        return this.#byUser.get(source.userId ?? '') ?? []
      case 'channel':
        return this.#byChannel.get(source.channel ?? '') ?? []
      default:
        return []
    }
  }

  /** All who are caught up stand at the same place, so one frame serves them all. */
  #beat(): void {
    const frames = new Map<Dialect, Map<string, Uint8Array>>()
    const frame = (dialect: Dialect, cursor: string): Uint8Array => {
      const ofDialect = frames.get(dialect) ?? new Map<string, Uint8Array>()
      frames.set(dialect, ofDialect)
      const bytes = ofDialect.get(cursor) ?? encodeFrame(dialect.heartbeat(cursor))
      ofDialect.set(cursor, bytes)
      return bytes
    }
    for (const connection of this.#connections) connection.beat(frame)
  }
}

function addTo(index: Map<string, Set<Connection>>, key: string, connection: Connection): void {
  const connections = index.get(key)
  if (connections === undefined) index.set(key, new Set([connection]))
  else connections.add(connection)
}

function removeFrom(index: Map<string, Set<Connection>>, key: string, connection: Connection): void {
  const connections = index.get(key)
  connections?.delete(connection)
  if (connections?.size === 0) index.delete(key)
}
