import { describe, expect, test } from 'vitest'

import { freePort } from '../../scripts/embedded-postgres/free-port.ts'
import { eventually } from '../support/eventually.ts'
import { openDoor } from './support/door.ts'
import { haproxy } from './support/haproxy.ts'
import { expectPassed } from './support/held-back.ts'
import { after, all, replace, without } from './support/page.ts'
import { ProxiedStream, statusesOf } from './support/proxied-stream.ts'
import { hasProxy, startProxy } from './support/proxy.ts'
import { ReturningClient } from './support/returning-client.ts'
import { shareBackends } from './support/shared.ts'
import { expectDropped } from './support/slow.ts'

const versions = ['HTTP/1.1', 'HTTP/2'] as const

describe.skipIf(!hasProxy(haproxy))(
  'HAProxy, other lines (skipped where the programs haproxy and openssl are not installed)',
  () => {
    const shared = shareBackends()

    test.for(versions)('with a timeout server below the heartbeat end quiet streams: over %s', async (version) => {
      await using proxy = await startProxy(haproxy, shared.silent.ports, replace('timeout server 60s', 'timeout server 1s'))
      await using door = openDoor(version, proxy)
      await using stream = await ProxiedStream.open(door)
      await stream.untilEnd()
      await shared.silent.untilConnections(0)
    })

    test.for(versions)('with a timeout client send away who reads nothing for so long: over %s', async (version) => {
      await using proxy = await startProxy(haproxy, shared.beating.ports, replace('timeout client 60s', 'timeout client 1s'))
      await using door = openDoor(version, proxy)
      await expectDropped(door, shared.beating)
    })

    test('without redispatch answer 503 for a process that is gone, with it the other one gets the client', async () => {
      const oneIsGone = [shared.beating.ports[0], await freePort()] as const
      const unchecked = replace(' check', '')
      await using lacking = await startProxy(haproxy, oneIsGone, all(unchecked, without('option redispatch')))
      await using lackingDoor = openDoor('HTTP/1.1', lacking)
      expect(new Set(await statusesOf(lackingDoor, 2))).toEqual(new Set([200, 503]))

      for (const edit of [unchecked, replace('30s', '30s')]) {
        await using proxy = await startProxy(haproxy, oneIsGone, edit)
        await using door = openDoor('HTTP/1.1', proxy)
        expect(new Set(await statusesOf(door, 6))).toEqual(new Set([200]))
      }
    })

    test('without abortonclose notice with the next byte that a client over HTTP/1.1 has gone', async () => {
      await using proxy = await startProxy(haproxy, shared.silent.ports, without('option abortonclose'))
      await using door = openDoor('HTTP/1.1', proxy)
      const stream = await ProxiedStream.open(door)
      await shared.silent.untilConnections(1)
      await stream[Symbol.asyncDispose]()
      await eventually('the end', async () => {
        await shared.silent.publish('anything')
        return (await shared.silent.connections()).every((count) => count === 0)
      })
    })

    test.for(versions)('that compress leave a stream alone, because of our no-transform: over %s', async (version) => {
      const types = '  compression type text/event-stream text/javascript'
      const compressing = after('mode http', '  compression algo gzip', types)
      await using proxy = await startProxy(haproxy, shared.beating.ports, compressing)
      await using door = openDoor(version, proxy)
      const script = await door.ask('/realtime/client.js', { accept: '*/*' })
      script.body.resume()
      expect(script.headers['content-encoding']).toBe('gzip')
      const { headers } = await expectPassed(door, shared.beating)
      expect(headers['content-encoding']).toBeUndefined()
    })

    test.for(versions)(
      'are read anew on reload, streams go on, and hard-stop-after sends them to the new ones: over %s',
      async (version) => {
        await using proxy = await startProxy(haproxy, shared.beating.ports, replace('hard-stop-after 30s', 'hard-stop-after 1s'))
        await using door = openDoor(version, proxy)
        await using client = await ReturningClient.open(door)
        await eventually('the reload', async () => {
          // A signal that comes before the master is done with its start may be lost.
          process.kill(proxy.pid, 'SIGUSR2')
          return eventually('a word of it', () => proxy.output.includes('Proxy web stopped'), 1_000).catch(() => false)
        })
        await shared.beating.publish('before')
        await eventually('the event', () => client.events.length === 1)
        expect(client.visits).toHaveLength(1)
        await eventually('the second visit', () => client.visits.length === 2)
        await shared.beating.publish('after')
        await eventually('the event', () => client.events.length >= 2)
        expect(client.events.map(({ detail }) => detail)).toEqual(['before', 'after'])
        expect([client.resets, client.refusals]).toEqual([[], []])
      },
    )
  },
)
