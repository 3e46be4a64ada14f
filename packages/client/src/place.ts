/** How far a client has got: the last cursor it was given. Within an epoch it never goes back, except by a reset. */
export interface Place {
  /** What to resume from; empty when there is nothing to resume from. */
  readonly cursor: string
  /** Whether an event was not handed out before. Without a cursor it was not stored and cannot come again. */
  isNew(cursor: string): boolean
  /** Everything up to this cursor was handed out, or was not for this client. */
  advance(cursor: string): void
  /** History was lost: on from here. */
  jump(cursor: string): void
}

// The characters a cursor is made of: another one could make every later request fail.
const pattern = /^[\w.~-]{0,128}$/

/** Starts at `start`, or nowhere when that is undefined or empty (nothing is stored). */
export function createPlace(start = ''): Place {
  if (!pattern.test(start)) throw new TypeError(`Not a cursor: ${start}`)
  let current = start

  const jump = (cursor: string): void => {
    current = pattern.test(cursor) ? cursor : ''
  }
  return {
    get cursor() {
      return current
    },
    isNew: (cursor) => !cursor || isAfter(cursor, current),
    advance(cursor) {
      if (cursor && isAfter(cursor, current)) jump(cursor)
    },
    jump,
  }
}

/** Cursors are `<epoch>.<position>.<tag>`. Positions of different epochs say nothing about each other: those pass. */
export function isAfter(cursor: string, last: string): boolean {
  const [epoch, position = ''] = cursor.split('.')
  const [lastEpoch, lastPosition = ''] = last.split('.')
  return epoch !== lastEpoch || position > lastPosition
}
