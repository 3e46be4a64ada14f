import { TrunklineError } from '../errors.ts'
import type { UserId } from '../event/names.ts'
import { isFor } from '../hub/routing.ts'
import type { Archive, NewEvent } from '../ports.ts'
import type { Report } from '../report.ts'
import { type Tracked, trackedOf } from './status.ts'
import { Tracker } from './tracker.ts'

/** What a client says of events it got. */
export interface Acknowledgement<User = unknown> {
  /** Who says so: null is an anonymous client. */
  readonly userId: UserId | null
  /** Yours; canRead gets it. */
  readonly user?: User | undefined
  /** At most 100 events. */
  readonly ids: readonly string[]
  readonly status: 'delivered' | 'read'
  /** Read only when canRead asks for it: it may be a getter. */
  readonly request?: Request | undefined
}

/** An archive that keeps activities. */
export type TrackingArchive = Archive & Required<Pick<Archive, 'track' | 'activities'>>

/** What tracking works with. */
export interface TrackingOptions {
  readonly archive: TrackingArchive
  /** An event that this process delivered a moment ago. */
  readonly recent: (id: string) => NewEvent | undefined
  readonly report: Report
  readonly stopped: AbortSignal
}

/** Events of one acknowledgement. */
const maxIds = 100

/** What becomes of events: noted on their way, told by clients, and looked up. */
export class Tracking {
  readonly tracker: Tracker
  readonly #options: TrackingOptions

  constructor(options: TrackingOptions) {
    const { archive, report, stopped } = options
    this.#options = options
    this.tracker = new Tracker({ track: (rows) => archive.track(rows), report, stopped })
  }

  /** Notes what a client says; resolves with how many of the events are there and for it. Which others exist it does not tell. */
  async acknowledge(
    { ids, status }: Pick<Acknowledgement, 'ids' | 'status'>,
    userId: string | null,
    mayRead: (channel: string) => Promise<boolean>,
  ): Promise<{ readonly count: number }> {
    if (status !== 'delivered' && status !== 'read') {
      throw wrong(`the status of a client is delivered or read, got ${JSON.stringify(status)}`)
    }
    if (!Array.isArray(ids) || ids.length > maxIds) throw wrong(`ids is a list of at most ${maxIds} event ids`)
    let count = 0
    for (const id of new Set(ids)) {
      const event = await this.#find(id)
      if (event === null || !(await isReceiver(event, userId, mayRead))) continue
      this.tracker.note(id, userId, status)
      count++
    }
    return { count }
  }

  /** What is known of an event's way; null when there is no such event. */
  async get(id: string): Promise<Tracked | null> {
    const { archive } = this.#options
    return (await archive.get(id)) === null ? null : trackedOf(await archive.activities(id))
  }

  async #find(id: string): Promise<NewEvent | null> {
    return this.#options.recent(id) ?? (await this.#options.archive.get(id))
  }
}

/** @throws {TrunklineError} `invalid_options` */
export function checkTracking(archive: Archive | undefined): TrackingArchive {
  if (archive?.track !== undefined && archive.activities !== undefined) return archive as TrackingArchive
  throw new TrunklineError('invalid_options', 'createTrunkline: tracking needs a store whose archive has track and activities.')
}

async function isReceiver(
  event: NewEvent,
  userId: string | null,
  mayRead: (channel: string) => Promise<boolean>,
): Promise<boolean> {
  const { channel } = event
  return isFor(event, { userId, channels: channel !== null && (await mayRead(channel)) ? [channel] : [] })
}

function wrong(what: string): TrunklineError {
  return new TrunklineError('invalid_acknowledgement', `acknowledge: ${what}.`)
}
