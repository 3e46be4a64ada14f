import { describe, expect, test } from 'vitest'

import { cpuPerDelivery } from '../src/fan-out.ts'
import { hasNchan } from '../src/nchan.ts'
import type { Peer } from '../src/peers.ts'

const faulty = new URL('./servers/faulty.ts', import.meta.url)
const few = { connections: 10, rounds: 5 }

const peers: readonly Peer[] = [
  'raw-socket',
  'node-http',
  'better-sse',
  'hono-awaited',
  'hono-not-awaited',
  'trunkline-node',
  'trunkline-hono',
  'trunkline-fetch',
]

describe('the fixtures of the bench', () => {
  test.each(peers)('%s delivers every event to every client, and each is counted', async (peer) => {
    expect(await cpuPerDelivery(peer, { ...few, together: 3 })).toBeGreaterThan(0)
  })

  // Hundredths of a second are all that Linux says of another process: that it counts is what is asked here.
  test.skipIf(!hasNchan())('nchan delivers every event to every client (needs nginx with libnginx-mod-nchan)', async () => {
    expect(await cpuPerDelivery('nchan', { ...few, together: 3 })).toBeGreaterThanOrEqual(0)
  })

  test('an event that does not come to one client fails the run', async () => {
    await expect(cpuPerDelivery(faulty, { ...few, limitMs: 500 })).rejects.toThrow('119 of 120 deliveries came within 500 ms')
  })

  test('so does one that comes twice to one client and not at all to another', async () => {
    const run = cpuPerDelivery(faulty, { ...few, env: { FAULT: 'swaps' } })
    await expect(run).rejects.toThrow('of 25 events one client got 24, another 26')
  })
})
