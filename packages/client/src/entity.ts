/**
 * The keys an event is heard under: its type, and `type:id` when its detail has an entity id, a `':id'` that is a non-empty string or
 * a finite number. Anything else under `':id'` (null, objects, lists, booleans) names no entity.
 */
export function keysOf({ type, detail }: { readonly type: string; readonly detail: unknown }): readonly string[] {
  // Every JSON value but null may be asked for a property.
  const id = (detail as { readonly ':id'?: unknown } | null)?.[':id']
  const isId = (id && typeof id === 'string') || Number.isFinite(id)
  return isId ? [type, `${type}:${id as string | number}`] : [type]
}
