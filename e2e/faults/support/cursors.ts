/** The position in a cursor. Opaque to applications; whoever wants to know what is missing looks into it. */
export function positionOf(cursor: string | undefined): number {
  return Number.parseInt(cursor?.split('.')[1] ?? '', 36)
}

/** Whether a cursor is news to a client that has got to another one: within an epoch they order as strings. */
export function isAfter(cursor: string, last: string | undefined): boolean {
  if (last === undefined) return true
  const [epoch, position = ''] = cursor.split('.')
  const [lastEpoch, lastPosition = ''] = last.split('.')
  return epoch !== lastEpoch || position > lastPosition
}
