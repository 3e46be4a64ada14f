import type { Position } from './ports.ts'

/**
 * A place in the log that can be checked: one life of the log, a position in it, and the tag of the event that stands there.
 * Positions can be issued twice (a failover to a lagging standby, a restored dump); the tag tells the two events apart.
 */
export interface Place {
  readonly epoch: string
  readonly position: Position
  /** The last 6 characters of the event's id; null where no event ever stood (the beginning of a log). */
  readonly tag: string | null
}

/** Stands for "no event" in a cursor's text; never part of an id. */
const noTag = '~'

// RFC 3986 unreserved characters only: any other one would make a cross-origin Last-Event-ID header cost a CORS preflight.
const pattern = /^([A-Za-z0-9_-]{1,32})\.([0-9a-z]{13})\.([A-Za-z0-9_-]{1,6}|~)$/

/** `<epoch>.<position, 13 base-36 digits>.<tag>`: within an epoch, cursors order as strings do. Opaque to applications. */
export function formatCursor({ epoch, position, tag }: Place): string {
  return `${epoch}.${position.toString(36).padStart(13, '0')}.${tag ?? noTag}`
}

/** The place a cursor's text names, or null when the text is not one of ours. */
export function parseCursor(text: string): Place | null {
  const match = pattern.exec(text)
  if (match === null) return null
  const [, epoch, digits, tag] = match as unknown as [string, string, string, string]
  const position = Number.parseInt(digits, 36)
  return Number.isSafeInteger(position) ? { epoch, position, tag: tag === noTag ? null : tag } : null
}

/** The tag of an event: what a cursor remembers of the event it stands on. */
export function tagOf(eventId: string): string {
  return eventId.slice(-6)
}
