import type { EventFilter, LogEvent, Scope } from '@trunkline/core'
import { type Command, Option } from 'commander'

/** Which events. */
export interface FilterOptions {
  readonly type?: string
  readonly scope?: Scope
  readonly user?: string
  readonly channel?: string
  readonly entity?: string
}

/** Adds the options that say which events. */
export function withFilter(command: Command): Command {
  return command
    .option('--type <type>', 'only events of this type')
    .addOption(new Option('--scope <scope>', 'only this scope').choices(['user', 'channel', 'global', 'system']))
    .option('--user <id>', 'only events for this user')
    .option('--channel <name>', 'only events of this channel')
    .option('--entity <id>', "only events of this entity (detail[':id'])")
}

export function filterOf({ type, scope, user, channel, entity }: FilterOptions): EventFilter {
  return {
    ...(type === undefined ? {} : { type }),
    ...(scope === undefined ? {} : { scope }),
    ...(user === undefined ? {} : { userId: user }),
    ...(channel === undefined ? {} : { channel }),
    ...(entity === undefined ? {} : { entityId: entity }),
  }
}

/** Whether an event is one of those; what the database does for find(). */
export function passes(event: LogEvent, { type, scope, userId, channel, entityId }: EventFilter): boolean {
  return (
    (type === undefined || event.type === type) &&
    (scope === undefined || event.scope === scope) &&
    (userId === undefined || event.userId === userId) &&
    (channel === undefined || event.channel === channel) &&
    (entityId === undefined || event.entityId === entityId)
  )
}
