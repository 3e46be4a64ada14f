import { setTimeout as pause } from 'node:timers/promises'

import { openSite, startPeer } from '../src/peers.ts'
import type { Row } from '../src/row.ts'
import { median } from '../src/statistics.ts'
import type { TrunklineMethods } from '../src/trunkline-server.ts'

const perSecond = 1_000
const megabyte = 1_024 * 1_024

export const row: Row = {
  name: 'soak',
  title: 'Ten minutes',
  question: 'Does anything grow: with 10,000 connections that wait, or with 1,000 events a second that pass through?',
  method:
    'Two processes side by side. One holds 10,000 streams on which only heartbeats come. The other takes 1,000 events a second from PostgreSQL for 100 streams. Heap after a collection, and resident memory, every tenth of the time; the last third is compared with the first third after the ring is full.',
  async measure({ isQuick, soakMinutes, progress, database }) {
    const durationMs = isQuick ? 6_000 : soakMinutes * 60_000
    const connections = isQuick ? 1_000 : 10_000
    await using idle = await openSite<TrunklineMethods>('trunkline-node', { size: connections })
    const url = await database()
    await using busy = await openSite<TrunklineMethods>('trunkline-node', { size: 100, env: { DATABASE_URL: url } })
    await using publisher = await startPeer<TrunklineMethods>('trunkline-node', { DATABASE_URL: url })
    const idleRss: number[] = []
    const idleHeap: number[] = []
    const busyHeap: number[] = []
    let published = 0
    const began = performance.now()
    // The ring has to fill first: 8,192 entries.
    const samples = 15
    for (let sample = 0; sample < samples; sample++) {
      const until = began + (durationMs * (sample + 1)) / samples
      while (performance.now() < until) {
        const due = Math.floor(((performance.now() - began) / 1_000) * perSecond) - published
        if (due > 0) await publisher.methods.publish({ count: Math.min(due, 500) })
        published += Math.max(0, Math.min(due, 500))
        await pause(10)
      }
      progress(`${Math.round((performance.now() - began) / 1_000)} s, ${published} events`)
      const idleUsage = await idle.server.methods.usage()
      const busyUsage = await busy.server.methods.usage()
      idleRss.push(idleUsage.rssBytes / megabyte)
      idleHeap.push(idleUsage.heapBytes / megabyte)
      busyHeap.push(busyUsage.heapBytes / megabyte)
    }
    await busy.crowd.methods.until(published * 100, 30_000)
    const open = (await idle.server.methods.stats()).connections
    return {
      measurements: [
        { side: '10,000 idle connections', what: 'resident memory', unit: 'MB', values: idleRss },
        { side: '10,000 idle connections', what: 'heap', unit: 'MB', values: idleHeap },
        { side: '1,000 events/s', what: 'heap', unit: 'MB', values: busyHeap },
      ],
      claims: [
        { what: 'connections lost', values: [connections - open], atMost: 0 },
        { what: 'resident memory with idle connections, end against beginning', values: [growth(idleRss)], atMost: 1.03 },
        { what: 'heap with idle connections, end against beginning', values: [growth(idleHeap)], atMost: 1.02 },
        { what: 'heap at 1,000 events a second, end against beginning', values: [growth(busyHeap)], atMost: 1.05 },
        { what: 'events published a second', values: [(published * 1_000) / durationMs], atLeast: 0.99 * perSecond },
      ],
      notes: [
        `Held for ${isQuick ? '6 seconds' : `${soakMinutes} minutes`}; ${published} events, every one of which came to all 100 streams.`,
      ],
    }
  },
}

/** The last third against the second fifth and what follows it up to the middle: by then caches, code and the ring are filled. */
function growth(values: readonly number[]): number {
  const third = Math.floor(values.length / 3)
  return median(values.slice(-third)) / median(values.slice(3, 3 + third))
}
