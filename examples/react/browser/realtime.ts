import { createHooks } from '@trunkline/client/react'

// The types alone: nothing of the server gets into the browser.
import type { Report } from '../server/events.ts'
import type { trunkline } from '../server/trunkline.ts'

interface Start {
  readonly cursor: string
  readonly reports: readonly Report[]
}

const response = await fetch('/api/reports')

/** What there is when the page begins, and the place in the log that it is from: the stream goes on from there. */
export const start = (await response.json()) as Start

export const { useEvent, useTrunkline, useConnectionState } = createHooks<typeof trunkline>({ cursor: start.cursor })
