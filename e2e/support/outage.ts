import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'

import { type EmbeddedPostgres, startPostgres } from '../../scripts/embedded-postgres.ts'
import { createDeployment } from './deployment.ts'
import { eventually } from './eventually.ts'
import { expectDelivered, type Flow, hasArrived, startFlow } from './flow.ts'
import { ms, quantile } from './numbers.ts'
import type { Random } from './random.ts'
import { RestlessClient } from './restless-client.ts'
import { StreamClient } from './stream-client.ts'

/** How a server goes away. */
export interface Outage {
  readonly begin: (server: EmbeddedPostgres) => Promise<void>
  readonly lastsMs: number
  readonly random: Random
}

/**
 * Takes the server away in the middle of a flow, and brings it back. Whatever was acknowledged must have arrived then, in order and once,
 * every publish must have ended, and LISTEN must be back within 2 s.
 */
export async function expectToSurvive({ begin, lastsMs, random }: Outage): Promise<void> {
  await using server = await startPostgres()
  await using deployment = await createDeployment(server.url)
  const publisher = deployment.open()
  const listener = deployment.open()
  await using live = await StreamClient.open(listener)
  await using restless = new RestlessClient([listener, publisher], random, live.cursor)
  await using flow = startFlow(publisher, { callers: 4, transactionCallers: 2, url: server.url, pauseMs: 20 })
  await live.untilEvents(100)

  const { since } = listener.stats().listener
  await begin(server)
  await pause(lastsMs)
  const failedMeanwhile = flow.failed.length
  await server.restart()
  const up = performance.now()
  await eventually('LISTEN to be back', () => isListeningSince(since), 2_000)
  const backMs = performance.now() - up
  const { length } = live.events
  await live.untilEvents(length + 100)
  const flowingMs = performance.now() - up
  await flow.stop()

  await live.until('all that was acknowledged', () => hasArrived(live.events, flow))
  await eventually('the restless client to have come as far', () => restless.count >= live.events.length)
  expectDelivered(live.events, flow)
  expect(restless.events).toEqual(live.events)
  expect([...live.resets, ...restless.resets]).toEqual([])
  expectClearErrors(flow)
  console.log(
    `LISTEN back ${ms(backMs)} after the server, 100 events after ${ms(flowingMs)}; ${failedMeanwhile} publishes failed while it was away, ` +
      `the slowest answer took ${ms(quantile(slowest(flow), 1))}`,
  )

  function isListeningSince(before: string): boolean {
    const now = listener.stats().listener
    return now.state === 'listening' && now.since > before
  }
}

/** Whoever published without a transaction was told by us; in a transaction it may have been the caller's own driver. */
function expectClearErrors({ failed }: Flow): void {
  for (const { name, error } of failed) {
    if (name.startsWith('p')) expect(error).toMatchObject({ name: 'TrunklineError', code: 'store_unavailable' })
  }
}

function slowest({ acknowledged, failed }: Flow): readonly number[] {
  return [...acknowledged, ...failed].map(({ tookMs }) => tookMs)
}
