import type { StoredEvent } from '@trunkline/core'

import type { Style } from '../terminal.ts'

/** One event as a line for people: when, for whom, what. Nothing in it can move the cursor or break the line. */
export function lineOf(event: StoredEvent, paint: (style: Style, text: string) => string): string {
  const { createdAt, type, detail, privateData } = event
  return [
    paint('dim', createdAt),
    paint('cyan', printable(receiverOf(event)).padEnd(12)),
    paint('bold', printable(type)),
    printable(JSON.stringify(detail)),
    ...(privateData === undefined ? [] : [paint('yellow', `private ${printable(JSON.stringify(privateData))}`)]),
  ].join('  ')
}

function receiverOf({ scope, userId, channel }: StoredEvent): string {
  return [scope, channel ?? userId].filter((part) => part !== undefined).join(' ')
}

/** JSON escapes the lower control characters; terminals also obey the upper ones, and text that changes its direction misleads. */
function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
