import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { eventually } from '../../support/eventually.ts'
import { Backends } from './backends.ts'
import { openDoor, type Version } from './door.ts'
import { heldBy } from './memory.ts'
import { type Proxy, type ProxyKind, startProxy } from './proxy.ts'
import { ProxiedStream } from './proxied-stream.ts'
import { ReturningClient } from './returning-client.ts'
import { shareBackends } from './shared.ts'

const databaseUrl = inject('databaseUrl')

/** What holds behind every proxy that has the configuration of its page. */
export function keepsThePromises(kind: ProxyKind): void {
  const shared = shareBackends()
  let backends: Backends
  let proxy: Proxy
  beforeAll(async () => {
    backends = shared.beating
    proxy = await startProxy(kind, backends.ports)
  })
  afterAll(() => proxy?.[Symbol.asyncDispose]())

  const delivered = async (): Promise<number> => {
    const [one, two] = await backends.stats()
    return (one?.counters.delivered ?? 0) + (two?.counters.delivered ?? 0)
  }

  describe.each<Version>(['HTTP/1.1', 'HTTP/2'])('over %s', (version) => {
    test('the first byte arrives within 100 ms of the request', async () => {
      await using door = openDoor(version, proxy)
      let bestMs = Infinity
      // The fastest of many: whatever else the machine does is not the proxy's doing.
      for (let attempt = 0; attempt < 20 && bestMs > 50; attempt++) {
        await using stream = await ProxiedStream.open(door)
        bestMs = Math.min(bestMs, stream.firstByteMs ?? Infinity)
      }
      expect(bestMs).toBeLessThan(100)
    })

    test('an event arrives at once, while the stream stays open', async () => {
      await using door = openDoor(version, proxy)
      await using stream = await ProxiedStream.open(door)
      const took: number[] = []
      for (let number = 1; number <= 10; number++) {
        const published = performance.now()
        await backends.publish(number)
        await stream.untilEvents(number)
        took.push(performance.now() - published)
      }
      expect(stream.details).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      expect(Math.min(...took)).toBeLessThan(100)
      expect(stream.isOver).toBe(false)
    })

    test('heartbeats pass, one by one', async () => {
      await using door = openDoor(version, proxy)
      await using stream = await ProxiedStream.open(door)
      await stream.untilHeartbeats(5)
      expect(stream.chunks).toBeGreaterThan(5)
    })

    test('heartbeats keep a stream for longer than the shortest timeout', async () => {
      await using impatient = await startProxy(kind, backends.ports, kind.impatient)
      await using door = openDoor(version, impatient)
      await using stream = await ProxiedStream.open(door)
      // More than two seconds.
      await stream.untilHeartbeats(12)
      await backends.publish('still here')
      await stream.untilEvents(1)
      expect(stream.isOver).toBe(false)
    })

    test('a client that goes is noticed, also when nothing is written to it', async () => {
      await using ownProxy = await startProxy(kind, shared.silent.ports)
      await using door = openDoor(version, ownProxy)
      const streams = await Promise.all(Array.from({ length: 5 }, () => ProxiedStream.open(door)))
      await shared.silent.untilConnections(5)
      await streams[0]?.[Symbol.asyncDispose]()
      await shared.silent.untilConnections(4)
      for (const stream of streams) await stream[Symbol.asyncDispose]()
      await shared.silent.untilConnections(0)
    })

    test('a client that does not read is read for by nobody, and gets everything once it reads', async () => {
      await using door = openDoor(version, proxy)
      await backends.untilConnections(0)
      await using paused = await ProxiedStream.open(door)
      await using neighbour = await ReturningClient.open(door)
      await backends.untilConnections(2)
      const [before, deliveredBefore] = [await heldBy(proxy), await delivered()]
      paused.pause()

      let count = 0
      for (let sent = 0, sentBefore = -1; sent !== sentBefore;) {
        expect(count, 'sent until the sockets were full').toBeLessThan(2_000)
        sentBefore = sent
        for (let batch = 0; batch < 5; batch++, count += 10) await backends.publisher.publishMany(tenLarge(count))
        await eventually('the neighbour to have it', () => neighbour.events.length === count)
        sent = (await delivered()) - deliveredBefore - count
      }
      const after = await heldBy(proxy)
      for (const { queuedBytes } of await backends.stats()) expect(queuedBytes).toBeLessThan(2 * megabyte)
      expect(after.memory - before.memory).toBeLessThan(10 * megabyte)
      expect(after.files - before.files).toBeLessThan(megabyte)

      await backends.publish('end')
      paused.resume()
      await paused.until('the end', () => paused.details.includes('end'), 20_000)
      expect(paused.details.slice(0, -1)).toEqual(neighbour.events.slice(0, count).map(({ detail }) => detail))
      expect(paused.resets).toEqual([])
    })

    test('when the process behind a stream is killed, the client goes on at the other one, with all events and none twice', async () => {
      await using own = await Backends.start(databaseUrl)
      await using ownProxy = await startProxy(kind, own.ports)
      await using door = openDoor(version, ownProxy)
      await using client = await ReturningClient.open(door)
      const [holder, other] = await own.holder()
      for (let number = 0; number < 20; number++) {
        if (number === 10) await holder.process.kill()
        await own.publish(number)
      }
      await eventually('all events', () => client.events.some(({ detail }) => detail === 19))

      expect(client.events.map(({ detail }) => detail)).toEqual(Array.from({ length: 20 }, (_, number) => number))
      expect([client.resets, client.refusals]).toEqual([[], []])
      expect((await other.call('stats')).connections).toBe(1)
    })
  })
}

/** Ten events of 100 kB. */
function tenLarge(from: number) {
  return Array.from(
    { length: 10 },
    (_, index) => ({ scope: 'global', type: 'large', detail: { number: from + index, text } }) as const,
  )
}

const megabyte = 1_000_000
const text = 'x'.repeat(100_000)
