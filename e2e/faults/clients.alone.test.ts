import { expect } from 'vitest'

import { type Fault, faultSuite } from './support/run.ts'

const mebibyte = 1_024 * 1_024

const slowAndDeaf: Fault = {
  name: '3 slow clients, and 3 that stop reading for 30 MB',
  async strike({ begin }) {
    const { join, traffic, sites, servers, goesOn } = await begin()
    const names = ['one', 'two', 'three']
    await Promise.all(names.map((name) => join({ name: `slow ${name}`, userId: 'ben', paceMs: 5 })))
    const frozen = await Promise.all(names.map((name) => join({ name: `frozen ${name}`, userId: 'ben', channels: ['room'] })))
    for (const witness of frozen) witness.freeze()

    let mostHeld = 0
    for (let call = 0; call < 30; call++) {
      await traffic.publish('u:ben', 5, { padding: 200 * 1_024 })
      mostHeld = Math.max(mostHeld, heldBytes())
    }
    await goesOn()
    // What the kernel takes is beyond our reach. In the process it is at most a chunk, and what came with it, for each that lags.
    expect(mostHeld).toBeLessThan(6 * mebibyte)
    const before = catchUpReads()
    for (const witness of frozen) witness.wake()
    await goesOn()
    expect(catchUpReads()).toBeGreaterThan(before)
    return { note: `${(mostHeld / mebibyte).toFixed(1)} MiB held for all streams at most`, slowestMs: 5_000 }

    function catchUpReads(): number {
      return servers.reduce((sum, server) => sum + server.stats().counters.catchUpReads, 0)
    }

    function heldBytes(): number {
      const written = sites.flatMap(({ responses }) => responses).map(({ writableLength }) => writableLength)
      const queued = servers.map((server) => server.stats().queuedBytes)
      return [...written, ...queued].reduce((sum, bytes) => sum + bytes, 0)
    }
  },
}

faultSuite('faults of clients', [slowAndDeaf])
