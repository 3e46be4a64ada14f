import { describe, expect, test } from 'vitest'

import { eventually } from '../support/eventually.ts'
import { openDoor } from './support/door.ts'
import { expectHeldBack, expectPassed } from './support/held-back.ts'
import { nginx } from './support/nginx.ts'
import { after, all, replace, without } from './support/page.ts'
import { ProxiedStream } from './support/proxied-stream.ts'
import { hasProxy, startProxy } from './support/proxy.ts'
import { ReturningClient } from './support/returning-client.ts'
import { shareBackends } from './support/shared.ts'
import { expectDropped, fill } from './support/slow.ts'

const versions = ['HTTP/1.1', 'HTTP/2'] as const
const passed = 'proxy_pass http://app;'
const ignoring = after(passed, 'proxy_ignore_headers X-Accel-Buffering;')
const compressing = after('http {', 'gzip on;', 'gzip_types text/event-stream;')
const oldHttp = all(without('proxy_http_version'), without('proxy_set_header Connection'))

describe.skipIf(!hasProxy(nginx))('nginx, other lines (skipped where the programs nginx and openssl are not installed)', () => {
  const shared = shareBackends()

  test.for([
    ['HTTP/1.1', 'as it is', ignoring],
    ['HTTP/1.1', 'with HTTP/1.0 to the servers', all(ignoring, oldHttp)],
    ['HTTP/2', 'with HTTP/1.0 to the servers', all(ignoring, oldHttp)],
    ['HTTP/1.1', 'with gzip', all(ignoring, compressing)],
    ['HTTP/2', 'with gzip', all(ignoring, compressing)],
  ] as const)('that ignore our x-accel-buffering hold events back: over %s, %s', async ([version, , edit]) => {
    await using proxy = await startProxy(nginx, shared.beating.ports, edit)
    await using door = openDoor(version, proxy)
    await expectHeldBack(door, shared.beating)
  })

  test('that ignore it, and have proxy_buffering off instead, hold nothing back', async () => {
    const instead = after(passed, 'proxy_ignore_headers X-Accel-Buffering;', 'proxy_buffering off;')
    await using proxy = await startProxy(nginx, shared.beating.ports, instead)
    await using door = openDoor('HTTP/1.1', proxy)
    await expectPassed(door, shared.beating)
  })

  test('that ignore it read for a client that does not read, into a file', async () => {
    await using proxy = await startProxy(nginx, shared.beating.ports, ignoring)
    await using door = openDoor('HTTP/2', proxy)
    await using stream = await ProxiedStream.open(door)
    stream.pause()
    await fill(shared.beating)
    await eventually('the file', () => proxy.output.includes('an upstream response is buffered to a temporary file'))
  })

  test.for(versions)(
    'of a second nginx in front hold events back, for the first one keeps our header: over %s',
    async (version) => {
      await using inner = await startProxy(nginx, shared.beating.ports)
      const toInner = all(replace(passed, 'proxy_pass https://app;'), oldHttp)
      await using holding = await startProxy(nginx, [inner.port, inner.port], toInner)
      await using holdingDoor = openDoor(version, holding)
      await expectHeldBack(holdingDoor, shared.beating)

      const line = after('proxy_pass https://app;', 'proxy_buffering off;')
      await using passing = await startProxy(nginx, [inner.port, inner.port], all(toInner, line))
      await using passingDoor = openDoor(version, passing)
      await expectPassed(passingDoor, shared.beating)
    },
  )

  test.for(versions)('that compress events do so one by one, while our header counts: over %s', async (version) => {
    await using proxy = await startProxy(nginx, shared.beating.ports, compressing)
    await using door = openDoor(version, proxy)
    const { headers } = await expectPassed(door, shared.beating)
    expect(headers['content-encoding']).toBe('gzip')
  })

  test.for(versions)('that speak HTTP/1.0 to the servers pass events as well: over %s', async (version) => {
    await using proxy = await startProxy(nginx, shared.beating.ports, oldHttp)
    await using door = openDoor(version, proxy)
    await expectPassed(door, shared.beating)
  })

  test.for(versions)('with a proxy_read_timeout below the heartbeat end quiet streams: over %s', async (version) => {
    await using proxy = await startProxy(nginx, shared.silent.ports, nginx.impatient)
    await using door = openDoor(version, proxy)
    await using stream = await ProxiedStream.open(door)
    await stream.untilEnd()
    await shared.silent.untilConnections(0)
  })

  test.for(versions)('with a send_timeout send away who reads nothing for so long: over %s', async (version) => {
    await using proxy = await startProxy(nginx, shared.beating.ports, after('http {', 'send_timeout 1s;'))
    await using door = openDoor(version, proxy)
    await expectDropped(door, shared.beating)
  })

  test('with few worker_connections refuse clients, two connections for each', async () => {
    const few = replace('events {\n  worker_connections 20000', 'worker_processes 1;\n\nevents {\n  worker_connections 16')
    await using proxy = await startProxy(nginx, shared.beating.ports, few)
    await using door = openDoor('HTTP/1.1', proxy)
    await using stack = new AsyncDisposableStack()
    const asked = await Promise.allSettled(Array.from({ length: 16 }, async () => stack.use(await ProxiedStream.open(door))))
    expect(asked.filter(({ status }) => status === 'fulfilled').length).toBeLessThan(8)
    expect(proxy.output).toContain('16 worker_connections are not enough')
  })

  test.for(versions)(
    'are read anew on reload, streams go on, and worker_shutdown_timeout sends them to the new ones: over %s',
    async (version) => {
      const hurry = replace('worker_shutdown_timeout 30s', 'worker_shutdown_timeout 1s')
      await using proxy = await startProxy(nginx, shared.beating.ports, hurry)
      await using door = openDoor(version, proxy)
      await using client = await ReturningClient.open(door)
      process.kill(proxy.pid, 'SIGHUP')
      await eventually('the reload', () => proxy.output.includes('gracefully shutting down'))
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
})
