export type {
  AnyEvents,
  Catalogue,
  EventKey,
  EventMap,
  EventMapOf,
  EventsOfCatalogue,
  HasEvents,
  Jsonified,
  TypeName,
  TypeOfKey,
} from './catalogue.ts'
export type { Connectable, Connection, ConnectOptions } from './connection/connect.ts'
export type { Disconnection, PermissionChange } from './control.ts'
export type { Counters } from './counters.ts'
export { parseCursor, type Place } from './cursor.ts'
export { keysOf } from './entity.ts'
export { type ErrorCode, hasCode, TrunklineError } from './errors.ts'
export type { HookEvent, Scope, Scoped, StoredEvent, TrunklineEvent } from './event/event.ts'
export type { UserId } from './event/names.ts'
export type { ConnectionStatus, FoundConnections, ProcessStatus } from './fleet/status.ts'
export type {
  AnyPublish,
  ChannelPublish,
  GlobalPublish,
  PublishOptions,
  Receipt,
  SystemPublish,
  UserPublish,
} from './event/publish-input.ts'
export { placeOf, readStoredEvent } from './event/read-event.ts'
export type { MaybePromise } from './hooks.ts'
export type { Audience } from './hub/routing.ts'
export { identityOf } from './identity.ts'
export type { LogStatus } from './log-status.ts'
export type { HistogramStats } from './measures/histogram.ts'
export { lostBy, type Loss } from './log.ts'
export { memory } from './memory/memory.ts'
export type { HookResult, Reader, SendContext, TrunklineOptions } from './options.ts'
export type {
  Archive,
  EventFilter,
  ListenHandlers,
  LogBounds,
  LogEvent,
  LogSize,
  NewEvent,
  Notifier,
  Page,
  Placed,
  Position,
  PruneQuery,
  ReadQuery,
  Stop,
  Store,
  StoreAudience,
} from './ports.ts'
export type { Retention } from './prune.ts'
export type { ErrorContext, Logger, Report, Stage } from './report.ts'
export type { ListenerStats, Stats } from './stats.ts'
export type { Activity, Status, Tracked } from './tracking/status.ts'
export type { Acknowledgement } from './tracking/tracking.ts'
export { createTrunkline, type Trunkline } from './trunkline.ts'
export type { CloseReason, Dialect, DialectName, OpenState, ResetReason, ResetState } from './wire/dialect.ts'
export type { Frame } from './wire/frame.ts'
