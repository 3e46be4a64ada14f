import type { AnyEvents, TypeName } from '../catalogue.ts'

/** Who may get an event: `user` one user, `channel` its readers, `global` everyone, `system` backend subscribers only. */
export type Scope = 'user' | 'channel' | 'global' | 'system'

/** Who may get it. A union, so that a user event without a user cannot be written down. */
export type Scoped =
  | { readonly scope: 'user'; readonly userId: string; readonly channel?: undefined }
  | { readonly scope: 'channel'; readonly channel: string; readonly userId?: undefined }
  | { readonly scope: 'global'; readonly userId?: undefined; readonly channel?: undefined }
  | { readonly scope: 'system'; readonly userId?: string; readonly channel?: undefined }

/**
 * An event as every receiver sees it: deeply frozen plain JSON, `JSON.stringify` safe. Never carries privateData. `cursor` is absent when
 * it was not stored; `userId` or `channel` is there by its scope.
 *
 * @example
 * { id: '01a1…', type: 'message', detail: { text: 'hi' }, scope: 'channel', channel: 'room-7', createdAt: '2026-01-31T12:00:00.000Z', cursor: '…' }
 */
export type TrunklineEvent<E = AnyEvents, K extends TypeName<E> = TypeName<E>> = {
  [T in K]: {
    readonly id: string
    readonly type: T
    readonly detail: E[T] extends { detail: infer D } ? D : unknown
    /** ISO 8601, UTC. A string, so that it freezes and is the same on both sides of the wire. */
    readonly createdAt: string
    /** Where it stands in the log, as an opaque cursor; absent when it was not stored. */
    readonly cursor?: string
  } & Scoped
}[K]

/**
 * An event read back from the store. It always has a `cursor`, and what only the server may see is here and nowhere else: `privateData`
 * and `idempotencyKey`.
 */
export type StoredEvent<E = AnyEvents> = TrunklineEvent<E> & {
  readonly cursor: string
  readonly privateData?: unknown
  readonly idempotencyKey?: string
}

/** A hook's own, unfrozen copy: `event.detail.x = 1; return event` works. Only changes to `type` and `detail` count. */
export type HookEvent<E = AnyEvents> = Unfrozen<TrunklineEvent<E>>

type Unfrozen<T> = T extends readonly unknown[]
  ? { -readonly [P in keyof T]: Unfrozen<T[P]> }
  : T extends object
    ? { -readonly [P in keyof T]: Unfrozen<T[P]> }
    : T
