import type { StandardSchemaV1 } from '@standard-schema/spec'

/** A catalogue: event type → any Standard Schema. The same schema serves every scope. */
export type Catalogue = { readonly [type: string]: StandardSchemaV1 }

/** What the types of a trunkline come down to: per event type, what publish takes and what receivers get. */
export type EventMap = { readonly [type: string]: { readonly input: unknown; readonly detail: unknown } }

/** Without a catalogue every type is allowed and details are unknown. */
export type AnyEvents = EventMap

/** The event map a catalogue stands for. */
export type EventMapOf<C extends Catalogue> = {
  readonly [K in keyof C]: {
    readonly input: StandardSchemaV1.InferInput<C[K]>
    readonly detail: Jsonified<StandardSchemaV1.InferOutput<C[K]>>
  }
}

/** What a trunkline's events are: those of its catalogue; without one, anything goes. */
export type EventsOfCatalogue<C extends Catalogue> = string extends keyof C
  ? AnyEvents
  : [keyof C] extends [never]
    ? AnyEvents
    : EventMapOf<C>

/** What `JSON.parse(JSON.stringify(value))` gives: every receiver, even one in the publishing process, sees this. */
export type Jsonified<T> = unknown extends T
  ? T
  : T extends { toJSON(): infer R }
    ? Jsonified<R>
    : T extends string | number | boolean | null
      ? T
      : T extends bigint | symbol | undefined | ((...args: never) => unknown)
        ? never
        : T extends readonly unknown[]
          ? { [I in keyof T]: Jsonified<T[I]> }
          : T extends object
            ? { [K in keyof T as K extends string | number ? K : never]: Jsonified<Exclude<T[K], undefined>> }
            : never

/** The names of an event map's types. */
export type TypeName<E> = keyof E & string

/** Types whose detail has an entity id (`':id'`), so that `type:id` is a key of its own. */
type WithEntityId<E> = {
  [T in TypeName<E>]: E[T] extends { detail: infer D } ? (unknown extends D ? T : ':id' extends keyof D ? T : never) : never
}[TypeName<E>]

/** What one listens to: an event type, or `type:id` where the type has an entity id. */
export type EventKey<E> = TypeName<E> | `${WithEntityId<E>}:${string}`

/** `page_imported:42` → `page_imported`. A type that itself contains `:` wins over a prefix; the longest prefix wins. */
export type TypeOfKey<E, K extends string> =
  K extends TypeName<E> ? K : LongestPrefix<{ [T in WithEntityId<E>]: K extends `${T}:${string}` ? T : never }[WithEntityId<E>]>

type LongestPrefix<T extends string> = { [A in T]: [Extract<Exclude<T, A>, `${A}:${string}`>] extends [never] ? A : never }[T]

/** Carries the event types for `typeof trunkline`; never there at run time. */
export interface HasEvents<E> {
  readonly '~events'?: E
}
