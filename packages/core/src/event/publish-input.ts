import type { AnyEvents, TypeName } from '../catalogue.ts'
import type { UserId } from './names.ts'

/** `detail` may be left out where `{}` satisfies the schema. */
type Content<E, K extends TypeName<E>> = {
  readonly type: K
} & (
  | { readonly raw: string; readonly detail?: undefined }
  | (Input<E, K> extends infer I
      ? {} extends I
        ? { readonly detail?: I; readonly raw?: undefined }
        : { readonly detail: I; readonly raw?: undefined }
      : never)
)

type Input<E, K extends TypeName<E>> = E[K] extends { input: infer I } ? I : unknown

interface Common {
  /** Stored, never sent. Needs a store. */
  readonly privateData?: unknown
  /** Defaults to true; false = live only, moves nobody's cursor. */
  readonly store?: boolean
  /** A repeat within the retention publishes nothing and resolves with the first one's receipt. 1 to 255 bytes. */
  readonly idempotencyKey?: string
}

/** What `publish` takes: an event for one user. */
export type UserPublish<E = AnyEvents, K extends TypeName<E> = TypeName<E>> = Content<E, K> & Common & { readonly userId: UserId }

/** What `publishGlobal` takes: an event for everyone, anonymous clients included. */
export type GlobalPublish<E = AnyEvents, K extends TypeName<E> = TypeName<E>> = Content<E, K> & Common

/** What `publishSystem` takes: an event for backend subscribers only. `userId` is for reference. */
export type SystemPublish<E = AnyEvents, K extends TypeName<E> = TypeName<E>> = Content<E, K> &
  Common & { readonly userId?: UserId }

/** What `publishToChannel` takes: an event for the readers of one channel, except those of `skipUserIds`. */
export type ChannelPublish<E = AnyEvents, K extends TypeName<E> = TypeName<E>> = Content<E, K> &
  Common & { readonly channel: string; readonly skipUserIds?: readonly UserId[] }

/** One item of publishMany: the scope is said, never guessed from the fields that happen to be there. */
export type AnyPublish<E = AnyEvents> = {
  [K in TypeName<E>]:
    | ({ readonly scope: 'user' } & UserPublish<E, K>)
    | ({ readonly scope: 'global' } & GlobalPublish<E, K>)
    | ({ readonly scope: 'system' } & SystemPublish<E, K>)
    | ({ readonly scope: 'channel' } & ChannelPublish<E, K>)
}[TypeName<E>]

/** How to publish. */
export interface PublishOptions<Tx> {
  /**
   * Publish when this transaction commits, never if it rolls back. What it may be is the store's business:
   * with `memory()` it is `never`. Await the call before committing. An undefined one is refused with `invalid_transaction`: the event
   * would be published outside of the transaction.
   */
  readonly transaction?: Tx
}

/** What publish resolves with. */
export interface Receipt {
  readonly id: string
  /** The event's place; null when it was not stored, or is only placed when the transaction commits. */
  readonly cursor: string | null
  /** True when idempotencyKey had been used before: `id` is the first event's. null: decided when the transaction commits. */
  readonly duplicate: boolean | null
}
