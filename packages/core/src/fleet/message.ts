import * as v from 'valibot'

import type { ConnectionStatus, ProcessStatus } from './status.ts'

/** What the processes of a deployment tell each other about themselves, through the Notifier. */
export type FleetMessage =
  /** All: say how you are. */
  | { readonly kind: 'ask' }
  /** All: say which connections this user has with you. */
  | { readonly kind: 'search'; readonly userId: string }
  | { readonly kind: 'status'; readonly status: ProcessStatus }
  | { readonly kind: 'found'; readonly found: Found }

/** One process's answer to a search, or a part of it. */
export interface Found {
  readonly process: string
  readonly userId: string
  readonly total: number
  /** Whether another part follows. */
  readonly more: boolean
  readonly connections: readonly ConnectionStatus[]
}

const amount = v.pipe(v.number(), v.minValue(0))
// The range of Date: formatting any other number would throw.
const moment = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(8.64e15))
// Left out by a release that does not count it.
const counter = v.optional(amount, 0)

/** As an array: names repeated 20 times are room that connections do not have. */
const connectionSchema = v.tuple([
  v.string(), // id
  v.nullable(v.string()), // userId
  v.array(v.string()), // channels
  moment, // since
  amount, // lagMs
  v.nullable(v.string()), // address
])

const statusSchema = v.object({
  process: v.string(),
  at: moment,
  since: moment,
  listener: v.tuple([v.picklist(['stopped', 'connecting', 'listening', 'polling']), moment, v.nullable(moment)]),
  lagMs: amount,
  connections: amount,
  queuedBytes: amount,
  queueUsage: v.nullable(amount),
  counters: v.object({
    published: counter,
    stored: counter,
    delivered: counter,
    dropped: counter,
    resets: counter,
    catchUpReads: counter,
    flushes: counter,
  }),
  lagging: v.array(connectionSchema),
})

const foundSchema = v.object({
  process: v.string(),
  userId: v.string(),
  total: amount,
  more: v.boolean(),
  connections: v.array(connectionSchema),
})

const schema = v.union([
  v.object({ ask: v.literal(true) }),
  v.object({ search: v.string() }),
  v.object({ status: statusSchema }),
  v.object({ found: foundSchema }),
])

type PackedConnection = v.InferInput<typeof connectionSchema>

/** The payload that carries a message. */
export function fleetSignal(message: FleetMessage): string {
  return JSON.stringify({ v: 1, fleet: packed(message) })
}

/** What stands under `fleet` in a payload; null when it is not understood. */
export function readFleet(value: unknown): FleetMessage | null {
  const parsed = v.safeParse(schema, value)
  if (!parsed.success) return null
  const fleet = parsed.output
  if ('search' in fleet) return { kind: 'search', userId: fleet.search }
  if ('status' in fleet) return { kind: 'status', status: unpackStatus(fleet.status) }
  if ('found' in fleet) {
    const { found } = fleet
    const connections = found.connections.map((connection) => unpackConnection(connection, found.process))
    return { kind: 'found', found: { ...found, connections } }
  }
  return { kind: 'ask' }
}

function packed(message: FleetMessage): v.InferInput<typeof schema> {
  switch (message.kind) {
    case 'ask':
      return { ask: true }
    case 'search':
      return { search: message.userId }
    case 'status':
      return { status: packStatus(message.status) }
    default:
      return { found: { ...message.found, connections: message.found.connections.map(packConnection) } }
  }
}

function packStatus({ listener, lagging, ...status }: ProcessStatus): v.InferInput<typeof statusSchema> {
  const { state, since, lastHeard } = listener
  return {
    ...status,
    at: Date.parse(status.at),
    since: Date.parse(status.since),
    listener: [state, Date.parse(since), lastHeard === null ? null : Date.parse(lastHeard)],
    lagging: lagging.map(packConnection),
  }
}

function unpackStatus({ listener, lagging, ...status }: v.InferOutput<typeof statusSchema>): ProcessStatus {
  const [state, since, lastHeard] = listener
  return {
    ...status,
    at: iso(status.at),
    since: iso(status.since),
    listener: { state, since: iso(since), lastHeard: lastHeard === null ? null : iso(lastHeard) },
    lagging: lagging.map((connection) => unpackConnection(connection, status.process)),
  }
}

function packConnection({ id, userId, channels, since, lagMs, address }: ConnectionStatus): PackedConnection {
  return [id, userId, [...channels], Date.parse(since), lagMs, address]
}

function unpackConnection(
  [id, userId, channels, since, lagMs, address]: v.InferOutput<typeof connectionSchema>,
  process: string,
): ConnectionStatus {
  return { id, process, userId, channels, since: iso(since), lagMs, address }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
