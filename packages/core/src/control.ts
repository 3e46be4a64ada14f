import * as v from 'valibot'

import { TrunklineError } from './errors.ts'
import { newSystemEvent } from './event/create-event.ts'
import { checkChannel, checkUserId, reservedPrefix, type UserId } from './event/names.ts'
import type { NewEvent } from './ports.ts'

/** Whose rights have changed: those of a user, those to a channel, or those of a user to a channel. */
export type PermissionChange =
  | { readonly userId: UserId; readonly channel?: string }
  | { readonly userId?: UserId; readonly channel: string }

/** Whose streams are to end. */
export type Disconnection = { readonly userId: UserId } | { readonly connectionId: string } | 'everyone'

/** What one process asks of all of them. */
export type Control =
  | { readonly kind: 'permission_changed'; readonly userId?: string | undefined; readonly channel?: string | undefined }
  | { readonly kind: 'disconnect'; readonly userId?: string | undefined; readonly connectionId?: string | undefined }

/*
 * Control travels as a system event under the reserved prefix, through the log like any other: so it reaches a process whose listener
 * was away at the moment, and stands in order with the events before and after it.
 */
const type = 'trunkline.control'

const schema = v.variant('kind', [
  v.object({ kind: v.literal('permission_changed'), userId: v.optional(v.string()), channel: v.optional(v.string()) }),
  v.object({ kind: v.literal('disconnect'), userId: v.optional(v.string()), connectionId: v.optional(v.string()) }),
])

/** Whether an event is one of ours, and no application's business. */
export function isControl(event: NewEvent): boolean {
  return event.scope === 'system' && event.type === type
}

/** Whether an event is Trunkline's own, of which {@link isControl} is one kind: no hook changes it, and it is never sent again. */
export function isOwn(event: NewEvent): boolean {
  return event.scope === 'system' && event.type.startsWith(reservedPrefix)
}

/** What a control event asks for; null when a later version of Trunkline asks for something this one does not know. */
export function readControl(detail: unknown): Control | null {
  const parsed = v.safeParse(schema, detail)
  return parsed.success ? parsed.output : null
}

/** @throws {TrunklineError} `invalid_user`, `invalid_channel`, `invalid_options` */
export function permissionChange(who: PermissionChange): NewEvent {
  if (who?.userId === undefined && who?.channel === undefined) {
    throw new TrunklineError(
      'invalid_options',
      'permissionChanged needs a userId, a channel, or both: { userId: 7, channel: "room-1" }.',
    )
  }
  return newSystemEvent(type, {
    kind: 'permission_changed',
    ...(who.userId === undefined ? {} : { userId: checkUserId(who.userId) }),
    ...(who.channel === undefined ? {} : { channel: checkChannel(who.channel) }),
  })
}

/** @throws {TrunklineError} `invalid_user`, `invalid_options` */
export function disconnection(who: Disconnection): NewEvent {
  if (who === 'everyone') return newSystemEvent(type, { kind: 'disconnect' })
  if (typeof who === 'object' && who !== null) {
    if ('userId' in who) return newSystemEvent(type, { kind: 'disconnect', userId: checkUserId(who.userId) })
    if (typeof who.connectionId === 'string') return newSystemEvent(type, { kind: 'disconnect', connectionId: who.connectionId })
  }
  throw new TrunklineError('invalid_options', "disconnect needs { userId }, { connectionId } or 'everyone'.")
}
