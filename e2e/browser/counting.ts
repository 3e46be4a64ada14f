import type { Page } from 'playwright-core'
import { expect } from 'vitest'

import { detailsOf, recorded, untilRecorded } from './recorder.ts'
import type { Site } from './site.ts'

/** Something that is published all the time: 0, 1, 2, … */
export interface Counting extends AsyncDisposable {
  /** How many were published so far. */
  readonly published: number
  /** Resolves with how many it were. */
  stop(): Promise<number>
}

/** Publishes so many numbers a second until it is told to stop. `userId`: to whom; left out, to everybody. */
export function startCounting(publisher: Site, perSecond = 200, userId?: string): Counting {
  const startedAt = performance.now()
  let published = 0
  const over = new AbortController()
  const done = (async () => {
    while (!over.signal.aborted) {
      const due = Math.ceil(((performance.now() - startedAt) * perSecond) / 1_000) - published
      if (due > 0) {
        const to = userId === undefined ? ({ scope: 'global' } as const) : ({ scope: 'user', userId } as const)
        const events = Array.from({ length: due }, (_, number) => ({ ...to, type: 'count', detail: published + number }))
        await publisher.call('publishMany', events)
        published += due
      }
      await new Promise((resolve) => setTimeout(resolve, 1_000 / perSecond))
    }
    return published
  })()
  const stop = (): Promise<number> => {
    over.abort()
    return done
  }
  return {
    get published() {
      return published
    },
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}

export async function untilCounted(page: Page, more: number): Promise<void> {
  await untilRecorded(page, 'trunkline:count', (await recorded(page, 'trunkline:count')).length + more)
}

/** Every page has every number from the first one on, once, in order, and heard of no reset. */
export async function expectAll(pages: readonly Page[], published: number, first = 0): Promise<void> {
  for (const page of pages) {
    await untilRecorded(page, 'trunkline:count', published - first)
    expect(await detailsOf(page, 'trunkline:count')).toEqual(
      Array.from({ length: published - first }, (_, number) => first + number),
    )
    expect(await recorded(page, 'trunkline:reset')).toEqual([])
  }
}
