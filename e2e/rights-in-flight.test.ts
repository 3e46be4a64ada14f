import { setTimeout as pause } from 'node:timers/promises'
import type { HookEvent } from '@trunkline/core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { createDeployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import type { HttpStream } from './support/http-stream.ts'
import { StreamClient } from './support/stream-client.ts'
import { openTransactionClient } from './support/transactions.ts'
import { TwoServers } from './support/two-servers.ts'

let servers: TwoServers

beforeAll(async () => {
  servers = await TwoServers.start(inject('databaseUrl'))
})
afterAll(() => servers[Symbol.asyncDispose]())

describe('an event on its way to a stream whose right is taken', () => {
  test('is not written when its hook lets it go after that', async () => {
    const { here, there } = servers
    await servers.let(['1', '2'], 'a')
    await using far = await servers.open(there, '1', 'a')
    await using other = await servers.open(there, '2', 'a')
    await here.call('publishToChannel', { channel: 'a', type: 'said', detail: { holdMs: 600 } })
    await there.process.message(
      (message): message is object => typeof message === 'object' && message !== null && 'holds' in message,
    )

    await servers.forbid('1', 'a')
    const began = performance.now()
    await here.call('permissionChanged', { userId: '1' })
    await far.untilEnd()
    expect((far.endedAt ?? Infinity) - began).toBeLessThan(1_000)
    await other.untilEvents(1)
    expect([far.goodbye, far.events]).toEqual(['forbidden', []])
  })

  test('is not written when nobody can say within a second whether the right is still there', async () => {
    const { here, there, deployment } = servers
    await servers.let(['3'], 'b')
    await using far = await servers.open(there, '3', 'b')
    await using lock = await openTransactionClient(deployment.url)
    await lock.query('begin')
    await lock.query(`lock table ${deployment.schema}.member in access exclusive mode`)
    const began = performance.now()
    await here.call('permissionChanged', { userId: '3' })
    await far.untilEnd()
    await here.call('publishToChannel', { channel: 'b', type: 'said' })
    await lock.query('rollback')

    expect((far.endedAt ?? Infinity) - began).toBeLessThan(1_000)
    expect([far.goodbye, far.events]).toEqual(['forbidden', []])
  })

  test.for(['before the right was taken', 'after it'])(
    'is not written when onReceive held the whole process up meanwhile, and the event was published %s',
    async (when) => {
      await using deployment = await createDeployment(inject('databaseUrl'))
      const members = new Set(['1', '2'])
      const trunkline = deployment.open({}, { canRead: ({ userId }) => members.has(userId ?? ''), onReceive: holdUp })
      await using taken = await StreamClient.open(trunkline, { userId: 1, channels: ['a'] })
      await using other = await StreamClient.open(trunkline, { userId: 2, channels: ['a'] })
      const publish = (detail: string) => trunkline.publishToChannel({ channel: 'a', type: 'said', detail })

      await publish('hold up')
      if (when === 'before the right was taken') await publish('secret')
      members.delete('1')
      await trunkline.permissionChanged({ userId: 1 })
      if (when === 'after it') await publish('secret')
      await other.untilEvents(2)
      expect(taken.details).toEqual([])
    },
  )

  test.for(['permissionChanged', 'disconnect'] as const)(
    'is not written to a client that did not read when it was taken and reads again later: %s',
    async (how) => {
      const { here, there } = servers
      await servers.let(['4', '5'], 'c')
      await using far = await servers.open(there, '4', 'c')
      await using other = await servers.open(there, '5', 'c')
      far.pause()
      // More than the sockets hold.
      const before = 200
      const padding = 'x'.repeat(100_000)
      for (let number = 0; number < before; number++) {
        await here.call('publishToChannel', { channel: 'c', type: 'page', detail: { number, padding } })
      }
      await other.untilEvents(before)
      const { connections, counters } = await there.call('stats')

      await servers.forbid('4', 'c')
      await here.call(how, { userId: '4' })
      await eventually('the stream to be over', async () => (await there.call('stats')).connections < connections, 1_000)
      await here.call('publishToChannel', { channel: 'c', type: 'page', detail: { number: before } })
      await other.untilEvents(before + 1)
      far.resume()
      await far.untilEnd()

      // What the sockets held was written before.
      const written = numbersOf(far)
      expect(written).toEqual(Array.from({ length: written.length }, (_, number) => number))
      expect(written.length).toBeLessThan(before)
      expect(far.goodbye).toBe(how === 'disconnect' ? 'disconnected' : 'forbidden')
      expect((await there.call('stats')).counters.delivered, 'only to the other').toBe(counters.delivered + 1)
    },
  )
})

async function holdUp(event: HookEvent): Promise<HookEvent> {
  if (event.detail === 'hold up') await pause(1_500)
  return event
}

function numbersOf({ details }: HttpStream): readonly number[] {
  return (details as readonly { readonly number: number }[]).map(({ number }) => number)
}
