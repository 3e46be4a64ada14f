import * as v from 'valibot'

import type { Catalogue, EventsOfCatalogue } from './catalogue.ts'
import { TrunklineError } from './errors.ts'
import type { HookEvent } from './event/event.ts'
import type { MaybePromise } from './hooks.ts'
import type { Audience } from './hub/routing.ts'
import { complaints, type Elsewhere, nearest } from './known-keys.ts'
import type { Notifier, Store } from './ports.ts'
import type { Retention } from './prune.ts'
import type { Logger, Report } from './report.ts'

/** What `beforeSend` is told beside the event. `request` is the Web standard's, made on first use; undefined for connect() without one. */
export interface SendContext<User = unknown> {
  readonly audience: Audience<User>
  readonly request: Request | undefined
}

/** Who wants to read which channel. */
export interface Reader<User = unknown> {
  readonly userId: string | null
  readonly channel: string
  readonly user: User | undefined
  readonly request: Request | undefined
}

/** null drops. undefined (a forgotten return) does not compile, and at run time is reported and drops. */
export type HookResult<E> = HookEvent<E> | null | Promise<HookEvent<E> | null>

/** Everything createTrunkline takes. */
export interface TrunklineOptions<C extends Catalogue, Tx, User> {
  /** Wakes every process. */
  readonly notifier: Notifier
  /** Keeps the log. Left out: nothing is stored; resume, find and transactions are refused with `no_store`. */
  readonly store?: Store<Tx>
  /** With a catalogue, a type that is not in it is refused, at compile time and at run time. Defaults to any type and detail. */
  readonly events?: C
  /** Once live, and again whenever the event is read back for a resuming client: must depend on the event alone. */
  readonly onReceive?: (event: HookEvent<EventsOfCatalogue<C>>) => HookResult<EventsOfCatalogue<C>>
  /** Per connection, on its own copy: change type or detail, or return null to skip this client. */
  readonly beforeSend?: (event: HookEvent<EventsOfCatalogue<C>>, context: SendContext<User>) => HookResult<EventsOfCatalogue<C>>
  /** Whether somebody may read a channel. Throwing or hanging is no. Defaults to `() => false`: all channels are closed. */
  readonly canRead?: (reader: Reader<User>) => MaybePromise<boolean>
  /** Whether a channel's events are stored. Defaults to `() => true`. */
  readonly isReliable?: (channel: string) => boolean
  /** Defaults to 24 hours by age and no bound by count. `false` keeps everything. */
  readonly retention?: Retention
  /** UTF-8 bytes of detail and private data together. Defaults to 262,144 (256 KiB). */
  readonly maxEventBytes?: number
  /** Milliseconds a hook may take. Defaults to 5,000. */
  readonly hookTimeoutMs?: number
  /** Milliseconds between heartbeats. Defaults to 15,000. */
  readonly heartbeatMs?: number
  /** Streams of this process. Defaults to Infinity. */
  readonly maxConnections?: number
  /** Streams of one user in this process; anonymous clients are not counted. Defaults to Infinity. */
  readonly maxConnectionsPerUser?: number
  /** Whether it is kept what becomes of each event: see {@link Trunkline.activities}. Needs a store that can. Defaults to false. */
  readonly tracking?: boolean
  /** Silent by default. */
  readonly logger?: Logger
  /** Where failures without a caller go. Defaults to the logger, or to console.error without one. */
  readonly onError?: Report
}

/** The plain settings, with their defaults filled in. */
export interface Settings {
  readonly retention: Retention
  readonly maxEventBytes: number
  readonly hookTimeoutMs: number
  readonly heartbeatMs: number
  readonly maxConnections: number
  readonly maxConnectionsPerUser: number
  readonly tracking: boolean
}

const aFunction = v.function('must be a function')
const amount = v.pipe(v.number('must be a number'), v.minValue(1, 'must be at least 1'))
// Timers take no more than 31 bits: a longer one, Infinity too, would fire at once.
const milliseconds = v.pipe(amount, v.maxValue(2 ** 31 - 1, 'must be at most 2,147,483,647'))
const bound = v.pipe(amount, v.finite('must be finite (retention: false keeps everything)'))
const day = 86_400_000

/** Every option there is: one that is missing here would be refused. */
const entries = {
  notifier: v.looseObject({ notify: aFunction, listen: aFunction }, 'must be a Notifier'),
  store: v.optional(
    v.looseObject({ append: aFunction, read: aFunction, bounds: aFunction, prune: aFunction }, 'must be a Store'),
  ),
  events: v.optional(v.record(v.string(), v.custom(isStandardSchema, 'must be a Standard Schema (valibot, zod, arktype, …)'))),
  onReceive: v.optional(aFunction),
  beforeSend: v.optional(aFunction),
  canRead: v.optional(aFunction),
  isReliable: v.optional(aFunction),
  retention: v.optional(
    v.union(
      [v.literal(false), v.strictObject({ maxAgeMs: v.optional(bound), maxEvents: v.optional(bound) })],
      'must be false or { maxAgeMs, maxEvents }',
    ),
    { maxAgeMs: day },
  ),
  maxEventBytes: v.optional(amount, 262_144),
  hookTimeoutMs: v.optional(milliseconds, 5_000),
  heartbeatMs: v.optional(milliseconds, 15_000),
  maxConnections: v.optional(amount, Number.POSITIVE_INFINITY),
  maxConnectionsPerUser: v.optional(amount, Number.POSITIVE_INFINITY),
  tracking: v.optional(v.boolean('must be true or false'), false),
  logger: v.optional(
    v.looseObject(
      { debug: aFunction, info: aFunction, warn: aFunction, error: aFunction },
      'must have debug, info, warn and error',
    ),
  ),
  onError: v.optional(aFunction),
  // What postgres() hands out beside the two ports, so that it can be spread.
  migrate: v.optional(v.function('is an option of postgres(): postgres({ url, migrate: true })')),
} satisfies Record<keyof TrunklineOptions<{}, never, never> | 'migrate', v.GenericSchema>
const schema = v.object(entries, 'must be an object')
const names = Object.keys(entries)

const ofPostgres = 'is an option of postgres(): createTrunkline({ ...postgres({ url, … }) })'
const ofAdapter = 'is an option of the adapter'
const elsewhere: Elsewhere = {
  ...Object.fromEntries(['url', 'listenUrl', 'sql', 'schema', 'detailInNotify', 'poolSize'].map((name) => [name, ofPostgres])),
  ...Object.fromEntries(
    ['identify', 'path', 'routes', 'dialect', 'cors', 'padding', 'channels', 'maxChannels'].map((name) => [name, ofAdapter]),
  ),
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TrunklineError} `invalid_options`, naming every option that is wrong
 */
export function checkOptions(options: unknown): Settings {
  const given = typeof options === 'object' && options !== null ? options : {}
  const unknown = complaints('option', withoutMethods(given), names, elsewhere)
  if (unknown.length > 0) throw new TrunklineError('invalid_options', `createTrunkline: ${unknown.join(' ')}`)
  if ((given as { readonly notifier?: unknown }).notifier === undefined) throw nowhere(options)
  const result = v.safeParse(schema, options)
  if (!result.success) {
    const wrong = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'options'} ${issue.message}, got ${issue.received}`)
    throw new TrunklineError('invalid_options', `createTrunkline: ${wrong.join('; ')}.`)
  }
  const { retention, maxEventBytes, hookTimeoutMs, heartbeatMs, maxConnections, maxConnectionsPerUser, tracking } = result.output
  return {
    // The two bounds are read as they were given: left out means unbounded.
    retention: retention === false ? false : (retention as Retention),
    maxEventBytes,
    hookTimeoutMs,
    heartbeatMs,
    maxConnections,
    maxConnectionsPerUser,
    tracking,
  }
}

/** A backend that is spread into the options may have methods of its own beside the two ports. One that is called nearly as an option is none. */
function withoutMethods(given: object): object {
  const isMethod = (name: string, value: unknown): boolean =>
    typeof value === 'function' && !Object.hasOwn(elsewhere, name) && nearest(name, names) === undefined
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => !isMethod(name, value)))
}

/** Nothing says where events go: what people meet who try this for the first time. */
function nowhere(options: unknown): TrunklineError {
  const got =
    typeof options === 'object' && options !== null && 'store' in options
      ? 'There is a store, but no notifier'
      : 'It was not told where'
  return new TrunklineError(
    'invalid_options',
    `createTrunkline needs a place for events. ${got}. Pass createTrunkline({ ...postgres({ url }) }) with postgres of @trunkline/postgres, createTrunkline({ ...memory() }) with memory of @trunkline/core to try it without a database, or a store and a notifier of your own.`,
  )
}

function isStandardSchema(value: unknown): boolean {
  // arktype's schemas are functions.
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value
}
