import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, inject, test } from 'vitest'

import { Crowd } from './support/crowd.ts'
import { createDeployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { median, ms, quantile } from './support/numbers.ts'
import { startServer } from './support/server-process.ts'

const databaseUrl = inject('databaseUrl')
const readers = 200
const events = 50

describe('one event to 200 clients, through hooks and the store', () => {
  test('reaches the last of them within 20 ms of the first', async () => {
    await using deployment = await createDeployment(databaseUrl)
    await using server = await startServer('serve-with-hooks', deployment)
    using crowd = new Crowd(server.url, readers)
    await eventually('all to be connected', () => crowd.countOf('event: connected') === readers)
    const spreads: number[] = []
    const ways: number[] = []

    for (let number = 0; number < events; number++) {
      const before = crowd.arrivals.length
      const began = performance.now()
      await server.call('publishGlobal', { type: 'news', detail: `number ${number}.` })
      // Nothing but this is looked at meanwhile: whoever is busy reads late, and sees what came one after the other come at once.
      await eventually(`all to have event ${number}`, () => crowd.arrivals.length >= before + readers)
      const arrivals = crowd.arrivals.slice(before)
      spreads.push((arrivals.at(-1) as number) - (arrivals[0] as number))
      ways.push((arrivals[0] as number) - began)
      expect(crowd.countOf(`number ${number}.`)).toBe(readers)
      expect(arrivals, 'nothing else came meanwhile').toHaveLength(readers)
      await pause(30)
    }

    console.log(
      `From the first of ${readers} clients to the last: p50 ${ms(median(spreads))}, p99 ${ms(quantile(spreads, 0.99))}, ` +
        `max ${ms(Math.max(...spreads))}; from publish to the first: p50 ${ms(median(ways))}`,
    )
    expect(crowd.countOf('"received":true')).toBe(readers * events)
    expect(crowd.countOf('"sentTo":"199"')).toBe(events)
    expect(median(spreads)).toBeLessThan(20)
  })
})
