import type { Catalogue } from './catalogue.ts'
import { CatchUp } from './connection/catch-up.ts'
import type { House } from './connection/house.ts'
import { Reception } from './connection/reception.ts'
import { type Counters, createCounters } from './counters.ts'
import { History } from './history.ts'
import { Hub } from './hub/hub.ts'
import { Listener } from './listener.ts'
import { Log } from './log.ts'
import type { Settings, TrunklineOptions } from './options.ts'
import { PublishRoad } from './publisher/publish-road.ts'
import { createReport, type Report } from './report.ts'
import { EntryMaker } from './tail/entry-maker.ts'
import type { RingBounds } from './tail/ring.ts'
import { type Follower, Tail } from './tail/tail.ts'
import { checkTracking, Tracking } from './tracking/tracking.ts'

/** What createTrunkline was given, whatever its types. */
export type Options = TrunklineOptions<Catalogue, unknown, unknown>

/** The rooms of one process, each of them told of those it works with. */
export interface Rooms {
  readonly report: Report
  readonly counters: Counters
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
  const log = store === undefined ? undefined : new Log(store)
  const road = new PublishRoad({ ...options, maxEventBytes, log, counters, report })
  const makeEntries = new EntryMaker({ onReceive, hookTimeoutMs, report })
  const hub = new Hub({ heartbeatMs, report })
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
  return {
    report,
    counters,
    log,
    road,
    history: new History(store, log, road),
    hub,
    tail,
    listener: new Listener(notifier, tail, report),
    reception: new Reception({ house, hub, settings, hooks: options }),
    tracking,
  }
}
