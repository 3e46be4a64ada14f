import { describe, expect, inject, test } from 'vitest'

import { createDeployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { expectDelivered, hasArrived, startFlow } from './support/flow.ts'
import { median, ms } from './support/numbers.ts'
import { StreamClient } from './support/stream-client.ts'

const databaseUrl = inject('databaseUrl')
const kills = 20

describe('the LISTEN connection', () => {
  test('killed 20 times during a steady flow, it comes back as soon after the last time as after the first, and nothing is lost', async () => {
    await using deployment = await createDeployment(databaseUrl, { database: true })
    const publisher = deployment.open()
    const listener = deployment.open()
    await using live = await StreamClient.open(listener)
    await using flow = startFlow(publisher, { callers: 2, pauseMs: 5 })
    const outagesMs: number[] = []

    for (let kill = 0; kill < kills; kill++) {
      const { since } = listener.stats().listener
      expect(await deployment.killBackends('trunkline listen')).toBe(1)
      const killed = performance.now()
      await eventually('listening again', () => isListeningSince(since))
      outagesMs.push(performance.now() - killed)
      const seen = live.events.length
      await live.untilEvents(seen + 5)
    }
    await flow.stop()
    await live.until('all that was acknowledged', () => hasArrived(live.events, flow))

    console.log(`LISTEN was away for ${outagesMs.map(ms).join(', ')}`)
    expect(flow.failed).toEqual([])
    expectDelivered(live.events, flow)
    expect(live.resets).toEqual([])
    expect(Math.max(...outagesMs)).toBeLessThan(1_000)
    expect(median(outagesMs.slice(-5))).toBeLessThan(median(outagesMs.slice(0, 5)) + 250)

    function isListeningSince(since: string): boolean {
      const { listener: now } = listener.stats()
      return now.state === 'listening' && now.since > since
    }
  })
})
