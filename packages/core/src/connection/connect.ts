import { TrunklineError } from '../errors.ts'
import type { HookEvent } from '../event/event.ts'
import { checkChannel, checkUserId, type UserId } from '../event/names.ts'
import { ask, failed, type HookOutcome, type MaybePromise } from '../hooks.ts'
import type { Audience } from '../hub/routing.ts'
import { identityOf } from '../identity.ts'
import type { Reader, SendContext } from '../options.ts'
import type { ErrorContext, Report } from '../report.ts'
import type { Acknowledgement } from '../tracking/tracking.ts'
import type { CloseReason, Dialect, DialectName } from '../wire/dialect.ts'
import { resolveDialect } from '../wire/dialects.ts'
import type { ConnectionSetup } from './connection.ts'

/** A stream as it is handed to an adapter: bytes to be written in order, and a way to end them. */
export interface Connection extends AsyncIterableIterator<Uint8Array, undefined> {
  readonly id: string
  /** Resolves when the stream has ended, and says why. Never rejects. */
  readonly closed: Promise<CloseReason>
  /**
   * `next()` without a promise, which is a tenth of what a delivery costs: `receive` is called once, now or later, and must not throw.
   * What a host writes with; whoever makes connections of its own may leave it out.
   */
  onNext?(receive: (result: IteratorResult<Uint8Array, undefined>) => void): void
  /** Ends the stream: the client is gone. Idempotent. */
  close(): void
}

/** Who connects, to what, and from where on. */
export interface ConnectOptions<User = unknown> {
  /** null is an anonymous client: it gets global events and those of its channels. */
  readonly userId: UserId | null
  /** Yours; hooks and canRead get it. */
  readonly user?: User | undefined
  readonly channels?: readonly string[] | undefined
  /** Resume after this; left out: from now on. */
  readonly cursor?: string | undefined
  /** Defaults to `'trunkline'`. */
  readonly dialect?: DialectName | Dialect | undefined
  /** Read only when a hook or canRead asks for it: it may be a getter. */
  readonly request?: Request | undefined
  /** The stream ends then, with a `goodbye` that brings the client back to be identified anew. */
  readonly expiresAt?: Date | undefined
  /** Where the client comes from, to be shown by admin: its IP address, say. */
  readonly address?: string | undefined
  /** Ends the stream when aborted. */
  readonly signal?: AbortSignal | undefined
}

/** The part of a trunkline that adapters need: they stay independent of the catalogue and of the store. */
export interface Connectable<User = unknown> {
  /**
   * Opens a stream. Asks canRead and the limits first, so it may refuse before a byte is written.
   *
   * @throws {TrunklineError} `forbidden`, `too_many_connections` (this user has), `overloaded` (this process has), `invalid_user`, `invalid_channel`, `stopped`, `store_unavailable`
   */
  connect(options: ConnectOptions<User>): Promise<Connection>
  /**
   * Asks what connect asks of the client's rights, and opens nothing; connect's limits are left out. Adapters answer HEAD by it.
   *
   * @throws {TrunklineError} `forbidden`, `invalid_user`, `invalid_channel`, `stopped`
   */
  authorize?(options: ConnectOptions<User>): Promise<void>
  /** Milliseconds that `identify` and `channels` may take. Defaults to 5,000. */
  readonly hookTimeoutMs?: number
  /** Whether events are tracked: adapters have a route for acknowledgements then. */
  readonly tracking?: boolean
  /** Notes what a client says of events it got; resolves with how many of them are there and for it. */
  acknowledge?(acknowledgement: Acknowledgement<User>): Promise<{ readonly count: number }>
  /** Where an adapter tells of failures that have no caller. */
  report?(error: unknown, context: ErrorContext): void
}

/** What decides over a connection. */
export interface Doorkeeper {
  readonly canRead: ((reader: Reader) => MaybePromise<boolean>) | undefined
  readonly beforeSend: ((event: HookEvent, context: SendContext) => HookOutcome) | undefined
  readonly hookTimeoutMs: number
  readonly report: Report
  /** For what everyone who comes runs into. */
  readonly reportSeldom: Report
}

/** How long canRead may take when it is asked again, in milliseconds: a right that was taken holds within a second. */
const recheckLimitMs = 500

/** Checks who wants what, and makes of it what a connection is made of. */
export async function admit(options: ConnectOptions, door: Doorkeeper): Promise<ConnectionSetup> {
  const userId = options.userId === null ? null : checkUserId(options.userId)
  const channels = [...new Set((options.channels ?? []).map(checkChannel))]
  const audience: Audience = { userId, channels, user: options.user }
  const dialect = resolveDialect(options.dialect)
  const context: SendContext = {
    audience,
    get request() {
      return options.request
    },
  }
  const closed = await closedChannels(context, door, door.hookTimeoutMs)
  if (closed.length > 0) throw forbidden(closed, door)
  const { beforeSend } = door
  return {
    audience,
    dialect,
    identity: await identityOf(userId),
    address: options.address ?? null,
    cursor: options.cursor,
    beforeSend: beforeSend === undefined ? undefined : (event) => beforeSend(event, context),
    // Who is not asked about again keeps nothing of its request in memory.
    mayRead:
      channels.length > 0
        ? async () => (await closedChannels(context, door, Math.min(door.hookTimeoutMs, recheckLimitMs))).length === 0
        : mayReadNothing,
  }
}

/** Of a client without channels no right can be taken. */
const mayReadNothing = async (): Promise<boolean> => true

/** Those of a client's channels that it may not read. */
export async function closedChannels(
  context: SendContext,
  { canRead, report, reportSeldom }: Doorkeeper,
  timeoutMs: number,
): Promise<readonly string[]> {
  const { userId, user, channels } = context.audience
  const guard = { stage: 'canRead', timeoutMs, report } as const
  const mayRead = async (channel: string): Promise<boolean> => {
    const reader: Reader = {
      userId,
      channel,
      user,
      get request() {
        return context.request
      },
    }
    const answer = canRead === undefined ? false : await ask<unknown>(() => canRead(reader), guard)
    if (typeof answer !== 'boolean' && answer !== failed) reportSeldom(undecided(answer), { stage: 'canRead' })
    // Only a true is a yes: not a truthy answer, not a failure.
    return answer === true
  }
  const allowed = await Promise.all(channels.map(mayRead))
  return channels.filter((_, index) => !allowed[index])
}

function forbidden(closed: readonly string[], { canRead, reportSeldom }: Doorkeeper): TrunklineError {
  const names = closed.map((name) => JSON.stringify(name)).join(', ')
  const remedy =
    ' Channels are closed until createTrunkline gets a canRead that opens them: canRead: ({ userId, channel }) => true or false.'
  const error = new TrunklineError('forbidden', `This client may not read ${names}.${canRead === undefined ? remedy : ''}`)
  // A refusal by canRead is its business. That there is none may be news to those who run this.
  if (canRead === undefined) reportSeldom(error, { stage: 'canRead' })
  return error
}

function undecided(answer: unknown): TrunklineError {
  return new TrunklineError(
    'hook_failed',
    `canRead must return true or false, got ${answer === null ? 'null' : typeof answer}, which counts as no. Is a return missing?`,
  )
}
