/**
 * The entity id of a detail: its `':id'`, when that is a non-empty string or a finite number. Such an event is also heard as
 * `<type>:<id>`. Anything else under `':id'` (null, objects, lists, booleans) names no entity.
 */
export function entityIdOf(detail: unknown): string | null {
  if (typeof detail !== 'object' || detail === null) return null
  const id = (detail as { readonly ':id'?: unknown })[':id']
  // 1e999 is JSON, and Infinity to JavaScript.
  if (typeof id === 'number') return Number.isFinite(id) ? String(id) : null
  return typeof id === 'string' && id !== '' ? id : null
}

/** The keys an event is heard under: its type, and `type:id` when it has an entity. */
export function keysOf(event: { readonly type: string; readonly detail: unknown }): readonly string[] {
  const id = entityIdOf(event.detail)
  return id === null ? [event.type] : [event.type, `${event.type}:${id}`]
}
