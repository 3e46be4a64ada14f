import { encodeText } from '../event/text.ts'

/** One server-sent event, or a comment: what a dialect makes and {@link encodeFrame} writes. */
export interface Frame {
  readonly event?: string
  readonly id?: string
  /** May have many lines. */
  readonly data?: string
  readonly comment?: string
  /** Milliseconds a client waits before it comes back. */
  readonly retry?: number
}

/** The id of a frame: a cursor, where there is one. An empty `id:` would make a client forget its place. */
export function idOf(cursor: string | undefined): { readonly id?: string } {
  return cursor === undefined || cursor === '' ? {} : { id: cursor }
}

const lineEnd = /\r\n|\r|\n/

/**
 * The bytes of a frame, by the rules of the HTML standard (9.2.6, "Interpreting an event stream"). No content can end a line or a
 * frame early: data and comments are split at every kind of line end, and CR, LF and NUL are taken out of names and ids, where the
 * format has no place for them.
 */
export function encodeFrame(frame: Frame): Uint8Array {
  return encodeText(frameText(frame))
}

function frameText({ event, id, data, comment, retry }: Frame): string {
  let text = ''
  if (comment !== undefined) for (const line of comment.split(lineEnd)) text += `: ${line}\n`
  if (event !== undefined) text += `event: ${oneLine(event)}\n`
  if (id !== undefined) text += `id: ${oneLine(id)}\n`
  if (retry !== undefined) text += `retry: ${Math.round(retry)}\n`
  if (data !== undefined) {
    // Most data is one line of JSON: looking for a line end is cheaper than splitting.
    if (data.includes('\n') || data.includes('\r')) for (const line of data.split(lineEnd)) text += `data: ${line}\n`
    else text += `data: ${data}\n`
  }
  return `${text}\n`
}

function oneLine(value: string): string {
  return value.replace(/[\r\n\0]/g, '')
}
