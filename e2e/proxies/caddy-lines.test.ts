import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { describe, expect, test } from 'vitest'

import { freePort } from '../../scripts/embedded-postgres/free-port.ts'
import { eventually } from '../support/eventually.ts'
import { caddy } from './support/caddy.ts'
import { openDoor } from './support/door.ts'
import { expectHeldBack, expectPassed } from './support/held-back.ts'
import { after, replace, without } from './support/page.ts'
import { findProgram } from './support/program.ts'
import { ProxiedStream, statusesOf } from './support/proxied-stream.ts'
import { hasProxy, startProxy } from './support/proxy.ts'
import { shareBackends } from './support/shared.ts'

const run = promisify(execFile)
const versions = ['HTTP/1.1', 'HTTP/2'] as const

describe.skipIf(!hasProxy(caddy))('Caddy, other lines (skipped where the programs caddy and openssl are not installed)', () => {
  const shared = shareBackends()

  test.for(versions)('with encode for everything hold back a resume, on the page it passes: over %s', async (version) => {
    const place = { 'last-event-id': await shared.beating.publisher.cursor() }
    await shared.beating.publish('missed '.repeat(200))
    // Since 2.7 or so Caddy heeds our no-transform.
    if (await isCaddy26()) {
      // It decides by the first bytes that it reads, and how many these are is chance: here, any.
      const everything = replace('encode @rest gzip', 'encode {\n\t\tgzip\n\t\tminimum_length 1\n\t}')
      await using encoding = await startProxy(caddy, shared.beating.ports, everything)
      await using heldDoor = openDoor(version, encoding)
      await expectHeldBack(heldDoor, shared.beating, place)
    }
    await using proxy = await startProxy(caddy, shared.beating.ports)
    await using door = openDoor(version, proxy)
    await expectPassed(door, shared.beating, place)
  })

  test('without lb_try_duration answer 502 for a process that is gone, with it the other one gets the client', async () => {
    const oneIsGone = [shared.beating.ports[0], await freePort()] as const
    await using lacking = await startProxy(caddy, oneIsGone, without('lb_try_duration'))
    await using lackingDoor = openDoor('HTTP/1.1', lacking)
    await eventually('a 502', async () => (await statusesOf(lackingDoor, 1)).includes(502))

    await using proxy = await startProxy(caddy, oneIsGone)
    await using door = openDoor('HTTP/1.1', proxy)
    expect(new Set(await statusesOf(door, 6))).toEqual(new Set([200]))
  })

  test.for(versions)('with a write timeout end every stream, heartbeats or not: over %s', async (version) => {
    const hasty = after('grace_period 30s', '\tservers {', '\t\ttimeouts {', '\t\t\twrite 1s', '\t\t}', '\t}')
    await using proxy = await startProxy(caddy, shared.beating.ports, hasty)
    await using door = openDoor(version, proxy)
    await using stream = await ProxiedStream.open(door)
    await stream.untilEnd()
    expect(stream.heartbeats).toBeGreaterThan(0)
  })

  test.for(versions)('with a flush_interval pass events at once all the same: over %s', async (version) => {
    const slow = after('fail_duration 10s', '\t\tflush_interval 1h')
    await using proxy = await startProxy(caddy, shared.beating.ports, slow)
    await using door = openDoor(version, proxy)
    await expectPassed(door, shared.beating)
  })

  test.for(versions)('are read anew on reload, and streams go on for longer than the grace_period: over %s', async (version) => {
    const hurry = replace('grace_period 30s', 'grace_period 1s')
    await using proxy = await startProxy(caddy, shared.beating.ports, hurry)
    await using door = openDoor(version, proxy)
    await using stream = await ProxiedStream.open(door)
    await proxy.edit(replace('fail_duration 10s', 'fail_duration 9s'))
    const where = [
      '--config',
      `${proxy.folder}/Caddyfile`,
      '--adapter',
      'caddyfile',
      '--address',
      `unix/${proxy.folder}/admin.sock`,
    ]
    await run(findProgram('caddy') ?? 'caddy', ['reload', ...where])
    await using young = await ProxiedStream.open(door)
    // Two seconds.
    await stream.untilHeartbeats(stream.heartbeats + 10)
    await shared.beating.publish('to both')
    await Promise.all([stream.untilEvents(1), young.untilEvents(1)])
    expect(stream.isOver).toBe(false)
  })

  test.for(versions)('with a grace_period let streams go when Caddy is told to end: over %s', async (version) => {
    await using proxy = await startProxy(caddy, shared.beating.ports, replace('grace_period 30s', 'grace_period 1s'))
    await using door = openDoor(version, proxy)
    await using stream = await ProxiedStream.open(door)
    process.kill(proxy.pid, 'SIGTERM')
    await stream.untilHeartbeats(2)
    await stream.untilEnd()
  })
})

async function isCaddy26(): Promise<boolean> {
  return /^v?2\.6\./.test((await run(findProgram('caddy') ?? 'caddy', ['version'])).stdout)
}
