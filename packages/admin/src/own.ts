/** Whether an event is Trunkline's own: told of, and never sent again. */
export function isOwn({ type }: { readonly type: string }): boolean {
  return type.startsWith('trunkline.')
}
