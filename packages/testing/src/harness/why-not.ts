import type { Position } from '@trunkline/core'

import { show } from '../assert.ts'
import type { Published } from './book.ts'

/** What is known of a client. */
export interface Standing {
  /** Left out: it came through the application, which alone knows who it is. */
  readonly audience?: { readonly userId: string | null; readonly channels: readonly string[] } | undefined
  /** The head of the log when it connected without a cursor. */
  readonly since: Position
  /** Why its stream has ended, or null. */
  readonly ended: string | null
}

/** How a client is spoken of. */
export function nameOf({ audience }: Standing): string {
  if (audience === undefined) return 'the client of this response'
  const { userId, channels } = audience
  const who = userId === null ? 'the anonymous client' : `the client of user ${show(userId)}`
  return channels.length === 0 ? who : `${who} in ${channels.map((name) => show(name)).join(', ')}`
}

/** Why an event that was published did not come to a client. */
export function whyNot(published: Published, client: Standing): string {
  const { fate } = published
  if (published.scope === 'system') return 'system events are for backend subscribers: use harness.expectEvent'
  const stranger = client.audience === undefined ? null : whyNotFor(published, client.audience)
  if (stranger !== null) return stranger
  if (typeof fate === 'number' && fate <= client.since) return 'this client connected after it: connect first, or with a cursor'
  if (client.ended !== null) return `the stream had ended (${client.ended})`
  const unlessOthers = client.audience === undefined ? 'unless this client is somebody else, or reads other channels: ' : ''
  return `${unlessOthers}a hook (onReceive, beforeSend) dropped it, changed its type, or is not done with it`
}

function whyNotFor(
  { scope, userId, channel, skipUserIds }: Published,
  audience: NonNullable<Standing['audience']>,
): string | null {
  if (scope === 'user' && userId !== audience.userId) return 'this client is not that user'
  if (scope !== 'channel') return null
  if (!audience.channels.includes(channel ?? '')) return 'this client does not read that channel'
  return audience.userId !== null && skipUserIds.includes(audience.userId) ? 'its skipUserIds leave this user out' : null
}
