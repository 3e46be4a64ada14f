import type { LogEvent } from '@trunkline/core'
import { expect } from 'vitest'

import type { Client } from './client.ts'
import type { World } from './world.ts'

/** Whether a client was shown everything that it has to be shown, by now. */
export function isServed(client: Client, world: World): boolean {
  return missing(client, world).length + unanswered(client, world).length === 0
}

/** Fails when a promise was broken to a client. */
export function checkClient(client: Client, world: World): void {
  const { ever, unstored } = world
  expect(missing(client, world)).toEqual([])
  expect(unanswered(client, world)).toEqual([])
  const shown = client.shown.flat()
  expect(shown).toHaveLength(new Set(shown).size)
  expect(shown.filter((id) => !unstored.has(id) && !isFor(ever.get(id), client.userId))).toEqual([])
  for (const stretch of client.shown) {
    const positions = stretch.filter((id) => !unstored.has(id)).map((id) => ever.get(id)?.position ?? Number.NaN)
    expect(positions).toEqual(positions.toSorted((a, b) => a - b))
  }
}

/** What it was not shown: of the log as it is, from where it stands, and of what is stored nowhere. */
function missing({ userId, since, shown, due }: Client, { valid, everChanged }: World): readonly string[] {
  const seen = new Set(shown.at(-1))
  const stored = [...valid.values()].filter(
    // What of a channel came while it was closed to the client depends on when it looked.
    (event) => isFor(event, userId) && event.position > since && !(event.scope === 'channel' && everChanged.has(userId)),
  )
  const live = due.filter(({ resets }) => resets === shown.length)
  return [...stored, ...live].map(({ id }) => id).filter((id) => !seen.has(id))
}

/** What it was shown and the log has forgotten, not followed by a reset. */
function unanswered({ shown }: Client, { valid, unstored }: World): readonly string[] {
  return shown.at(-1)?.filter((id) => !unstored.has(id) && !valid.has(id)) ?? []
}

function isFor(event: LogEvent | undefined, userId: string | null): boolean {
  switch (event?.scope) {
    case 'global':
      return true
    case 'channel':
      return userId !== '2'
    case 'user':
      return userId !== null && event.userId === userId
    default:
      return false
  }
}
