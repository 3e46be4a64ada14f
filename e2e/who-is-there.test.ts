import http from 'node:http'

import { nodeAdapter } from '@trunkline/adapter-node-http'
import type { ProcessStatus } from '@trunkline/core'
import { describe, expect, inject, test } from 'vitest'

import { createDeployment, type Process } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { HttpStream } from './support/http-stream.ts'
import { startProxy } from './support/tcp-proxy.ts'

const databaseUrl = inject('databaseUrl')

describe('every process', () => {
  test('tells through PostgreSQL who is connected to it, with user, channels and address, whatever the names', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const [one, two] = [deployment.open(), deployment.open()]
    const channels = Array.from({ length: 10 }, (_, index) => `“${index}"\\`.padEnd(120, 'ä'))
    const long = await one.connect({ userId: '“'.repeat(85), channels, address: '2001:db8::7' })
    const short = await one.connect({ userId: 7, channels: ['a'], address: '10.0.0.7' })
    const heard = watch(two)
    await eventually('both to be heard', () => heard.size === 2)
    expect(heard.get(idOf(one))).toMatchObject({ connections: 2, lagging: [{ id: short.id, address: '10.0.0.7' }] })
    const found = await two.findConnections({ userId: '“'.repeat(85) })
    expect(found).toMatchObject({ connections: [{ id: long.id, channels, address: '2001:db8::7' }], total: 1, silent: [] })
    await two.disconnect({ connectionId: short.id })
    expect(await short.closed).toBe('disconnected')
    long.close()
  })

  test('that is deaf says so unasked, because it hears no question', async () => {
    await using deployment = await createDeployment(databaseUrl)
    await using proxy = await startProxy({ target: { port: Number(new URL(deployment.url).port) } })
    const listenUrl = new URL(deployment.url)
    listenUrl.port = String(proxy.port)
    const [deaf, other] = [deployment.open({ listenUrl: listenUrl.href }), deployment.open()]
    await Promise.all([deaf.start(), other.start()])
    const heard = watch(other)
    await eventually('both to be heard', () => heard.get(idOf(deaf))?.listener.state === 'listening')
    await proxy.close()
    await eventually('it to say so', () => heard.get(idOf(deaf))?.listener.state === 'polling')
  })
})

describe('stats() measures', () => {
  test('appends by size and time, and what lies between an event and its clients', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    const stream = await trunkline.connect({ userId: 7 })
    await stream.next()
    const next = stream.next()
    await trunkline.publishMany([
      { scope: 'user', userId: 7, type: 'x' },
      { scope: 'user', userId: 8, type: 'x' },
      { scope: 'user', userId: 7, type: 'x' },
    ])
    await next
    const { flushes, latencyMs } = trunkline.stats()
    expect(flushes.events.counts[flushes.events.bounds.indexOf(5)]).toBe(1)
    expect([flushes.events.sum, total(flushes.events.counts)]).toEqual([3, 1])
    expect(total(flushes.ms.counts)).toBe(1)
    expect(flushes.ms.sum).toBeGreaterThan(0)
    expect(total(latencyMs.counts)).toBe(2)
    expect(latencyMs.sum).toBeLessThan(5_000)
    stream.close()
  })

  test("how full PostgreSQL's queue of notifications is, once it was asked", async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    expect(trunkline.stats().queueUsage).toBeNull()
    await trunkline.start()
    await eventually('an answer', () => trunkline.stats().queueUsage !== null)
    expect(trunkline.stats().queueUsage).toBeLessThan(0.5)
  })
})

describe('logStatus()', () => {
  test('says how much is stored, since when, and how much is meant to be', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open({}, { retention: { maxEvents: 2 } })
    expect(await trunkline.logStatus()).toMatchObject({ events: 0, oldest: null, retention: { maxEvents: 2 } })
    for (let n = 0; n < 4; n++) await trunkline.publishGlobal({ type: 'x' })
    await trunkline.prune()
    const { events, bytes, oldest } = await trunkline.logStatus()
    expect(events).toBe(2)
    expect(bytes).toBeGreaterThan(50_000)
    const { events: stored } = await trunkline.find()
    expect(oldest).toBe(stored.at(-1)?.createdAt)
  })
})

describe('the address of a client', () => {
  test('is the other end of its connection, unless identify knows better', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    const server = http.createServer(
      nodeAdapter(trunkline, {
        path: '/realtime',
        identify: ({ headers }) => ({
          userId: 7,
          ...(headers['x-real-ip'] === undefined ? {} : { address: String(headers['x-real-ip']) }),
        }),
      }),
    )
    await new Promise<void>((resolve) => server.listen(0, resolve))
    const { port } = server.address() as { port: number }
    const url = `http://127.0.0.1:${port}/realtime/sse`
    await using plain = await HttpStream.open(url)
    await using proxied = await HttpStream.open(url, { 'x-real-ip': '203.0.113.9' })
    const { connections } = await trunkline.findConnections({ userId: 7 })
    expect(new Set(connections.map(({ address }) => address))).toEqual(new Set(['127.0.0.1', '203.0.113.9']))
    expect([plain.endedAt, proxied.endedAt]).toEqual([undefined, undefined])
    server.closeAllConnections()
    server.close()
  })
})

function watch(trunkline: Process): Map<string, ProcessStatus> {
  const heard = new Map<string, ProcessStatus>()
  trunkline.watchProcesses((status) => heard.set(status.process, status))
  return heard
}

function idOf(trunkline: Process): string {
  return trunkline.stats().process
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
