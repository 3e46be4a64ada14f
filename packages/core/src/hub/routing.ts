import type { NewEvent } from '../ports.ts'

/** What a connection may receive. `user` is yours: what identify gave beside the id. */
export interface Audience<User = unknown> {
  readonly userId: string | null
  readonly channels: readonly string[]
  readonly user: User | undefined
}

/** Whether an event is for an audience. The one place that decides it; what it does not know is for nobody. */
export function isFor(event: NewEvent, { userId, channels }: Pick<Audience, 'userId' | 'channels'>): boolean {
  switch (event.scope) {
    case 'global':
      return true
    case 'user':
      // An event without a user is for nobody: anonymous clients have no id either.
      return userId !== null && event.userId === userId
    case 'channel':
      return (
        event.channel !== null && channels.includes(event.channel) && !(userId !== null && event.skipUserIds.includes(userId))
      )
    default:
      return false
  }
}
