import { setTimeout as pause } from 'node:timers/promises'
import type { Stats } from '@trunkline/core'
import { describe, expect, inject, test } from 'vitest'

import { createDeployment, type Deployment, type Process } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { startProxy } from './support/tcp-proxy.ts'

const databaseUrl = inject('databaseUrl')

describe('stats() says of the listener', () => {
  test(
    'connecting, listening, polling when it cannot, listening again, stopped, and since when',
    { timeout: 60_000 },
    async () => {
      await using deployment = await createDeployment(databaseUrl)
      await using proxy = await startProxy({ target: { port: portOf(deployment) } })
      const trunkline = deployment.open({ listenUrl: urlAt(deployment, proxy.port) })
      const states: Stats['listener'][] = [trunkline.stats().listener]
      const until = async (state: Stats['listener']['state']): Promise<void> => {
        await eventually(`the state ${state}`, () => trunkline.stats().listener.state === state, 20_000)
        states.push(trunkline.stats().listener)
      }

      proxy.swallow(true)
      const starting = trunkline.start()
      await until('connecting')
      // Nobody answers, which takes it some seconds to find out.
      await until('polling')
      await starting
      proxy.killAll()
      proxy.swallow(false)
      await until('listening')
      proxy.swallow(true)
      proxy.killAll()
      await until('polling')
      proxy.swallow(false)
      await until('listening')
      await trunkline.stop()
      await until('stopped')

      expect(states.map(({ state }) => state)).toEqual([
        'stopped',
        'connecting',
        'polling',
        'listening',
        'polling',
        'listening',
        'stopped',
      ])
      const moments = states.map(({ since }) => since)
      expect(moments).toEqual(moments.toSorted())
      expect(Date.parse(moments.at(-1) as string)).toBeGreaterThan(Date.now() - 1_000)
      for (const moment of moments) expect(new Date(moment).toISOString()).toBe(moment)
    },
  )

  test('when a payload came last, whoever sent it', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const [trunkline, other] = [await started(deployment), deployment.open()]
    expect(trunkline.stats().listener.lastHeard).toBeNull()
    for (const publisher of [trunkline, other]) {
      const before = new Date().toISOString()
      await publisher.publishGlobal({ type: 'x' })
      await eventually('it to be heard', () => (trunkline.stats().listener.lastHeard ?? '') >= before)
      expect(Date.parse(trunkline.stats().listener.lastHeard as string)).toBeLessThanOrEqual(Date.now())
    }
  })
})

describe('stats() says of the tail', () => {
  test('its cursor, which is the place of the last event that came', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    expect(trunkline.stats().tail).toEqual({ cursor: null, lagMs: 0 })
    await trunkline.start()
    expect(trunkline.stats().tail.cursor).toBe(await trunkline.cursor())
    const { cursor } = await deployment.open().publishSystem({ type: 'x' })
    await eventually('the event to come', () => trunkline.stats().tail.cursor === cursor)
  })

  test('how old the last event was when it came: little, unless the database was out of reach', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const publisher = await started(deployment)
    await using proxy = await startProxy({ target: { port: portOf(deployment) } })
    const trunkline = deployment.open({ url: urlAt(deployment, proxy.port) })
    await trunkline.start()

    await comes(trunkline, publisher)
    expect(trunkline.stats().tail.lagMs).toBeLessThan(500)
    proxy.swallow(true)
    const coming = comes(trunkline, publisher)
    await pause(2_000)
    proxy.killAll()
    proxy.swallow(false)
    await coming
    expect(trunkline.stats().tail.lagMs).toBeGreaterThanOrEqual(2_000)
    expect(trunkline.stats().tail.lagMs).toBeLessThan(8_000)
    await comes(trunkline, publisher)
    expect(trunkline.stats().tail.lagMs).toBeLessThan(500)
  })
})

async function started(deployment: Deployment): Promise<Process> {
  const trunkline = deployment.open()
  await trunkline.start()
  return trunkline
}

/** Resolves when an event has come from one process to another. */
async function comes(trunkline: Process, publisher: Process): Promise<void> {
  const { cursor } = await publisher.publishGlobal({ type: 'x' })
  await eventually('the event to come', () => trunkline.stats().tail.cursor === cursor, 20_000)
}

function portOf({ url }: Deployment): number {
  return Number(new URL(url).port)
}

function urlAt(deployment: Deployment, port: number): string {
  const url = new URL(deployment.url)
  url.port = String(port)
  return url.href
}
