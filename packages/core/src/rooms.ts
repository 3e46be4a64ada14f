import type { Catalogue } from './catalogue.ts'
import { CatchUp } from './connection/catch-up.ts'
import type { House } from './connection/house.ts'
import { Reception } from './connection/reception.ts'
import { createCounters } from './counters.ts'
import { createFleet } from './fleet/create-fleet.ts'
import type { Fleet } from './fleet/fleet.ts'
import { History } from './history.ts'
import { Hub } from './hub/hub.ts'
import { Listener } from './listener.ts'
import { Log } from './log.ts'
import { createMeasures } from './measures/measures.ts'
import type { Settings, TrunklineOptions } from './options.ts'
import { PublishRoad } from './publisher/publish-road.ts'
import { createReport, type Report } from './report.ts'
import { shortId } from './short-id.ts'
import { createStats } from './create-stats.ts'
import type { Stats } from './stats.ts'
import { EntryMaker } from './tail/entry-maker.ts'
import type { RingBounds } from './tail/ring.ts'
import { type Follower, Tail } from './tail/tail.ts'
import { checkTracking, Tracking } from './tracking/tracking.ts'

/** What createTrunkline was given, whatever its types. */
export type Options = TrunklineOptions<Catalogue, unknown, unknown>

/** The rooms of one process, each of them told of those it works with. */
export interface Rooms {
  readonly report: Report
  readonly fleet: Fleet
  /** What stats() answers. */
  readonly stats: () => Stats
  /** Left out: nothing is stored. */
  readonly log: Log | undefined
  readonly road: PublishRoad
  readonly history: History
  readonly hub: Hub
  readonly tail: Tail
  readonly listener: Listener
  readonly reception: Reception
  readonly tracking: Tracking | undefined
}

/** Builds the house. `ringBounds`: for tests that want a small memory. Nothing in it moves before it is started. */
export function buildRooms(options: Options, settings: Settings, stopped: AbortSignal, ringBounds?: RingBounds): Rooms {
  const { store, notifier, onReceive, onError, logger } = options
  const { heartbeatMs, hookTimeoutMs, maxEventBytes } = settings
  const plainReport = createReport(onError, logger)
  const tracking = settings.tracking
    ? new Tracking({
        archive: checkTracking(store?.archive),
        recent: (id) => tail.ring.find(id)?.source,
        report: plainReport,
        stopped,
      })
    : undefined
  const report: Report = (error, context) => {
    if (context.eventId !== undefined) tracking?.tracker.note(context.eventId, null, 'error')
    plainReport(error, context)
  }
  const counters = createCounters()
  const measures = createMeasures()
  const log = store === undefined ? undefined : new Log(store)
  const road = new PublishRoad({
    ...options,
    maxEventBytes,
    log,
    onGrowth: (grown) => tail.offer(grown),
    counters,
    measures,
    report,
  })
  const makeEntries = new EntryMaker({ onReceive, hookTimeoutMs, report })
  const hub = new Hub({ heartbeatMs, latencyMs: measures.latencyMs, report })
  const catchUp = log === undefined ? undefined : new CatchUp(log, { counters, report, stopped })
  const follower: Follower = {
    deliver: (entries) => {
      tracking?.tracker.dispatched(entries)
      hub.deliver(entries)
    },
    hear: (events) => hub.hear(events),
    rejoin: (isKnown) => {
      catchUp?.forget()
      hub.rejoin(isKnown)
    },
    miss: () => hub.miss(),
  }
  const tail = new Tail({ log, makeEntries, follower, report, ringBounds })
  const tracker = tracking?.tracker
  const house: House = { tail, makeEntries, catchUp, counters, tracker, heartbeatMs, hookTimeoutMs, report, stopped }
  const process = shortId()
  const stats = createStats({ process, notifier, hub, tail, counters, measures, listener: () => listener })
  const fleet = createFleet({ process, notifier, hub, stats, report, stopped })
  const listener = new Listener({ notifier, tail, fleet, report })
  return {
    report,
    fleet,
    stats,
    log,
    road,
    history: new History(store, log, road),
    hub,
    tail,
    listener,
    reception: new Reception({ house, hub, settings, hooks: options }),
    tracking,
  }
}
