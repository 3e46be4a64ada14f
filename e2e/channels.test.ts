import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { nodeAdapter } from '@trunkline/adapter-node-http'
import type { TrunklineOptions } from '@trunkline/core'
import type { AdapterOptions } from '@trunkline/core/http'
import { describe, expect, inject, test } from 'vitest'

import { createDeployment, type Deployment } from './support/deployment.ts'
import { HttpStream, statusOf } from './support/http-stream.ts'
import { startWebServer } from './support/web-server.ts'

const databaseUrl = inject('databaseUrl')

describe('the channels of a stream', () => {
  test.for([
    ['a fixed list, whatever the query says', { channels: ['a', 'b'] }, '/sse?channel=c', ['a', 'b']],
    ['a fixed list of none', { channels: [] }, '/sse?channel=c', []],
    ['the query, repeated', {}, '/sse?channel=a&channel=b%20c&channel=a', ['a', 'b c']],
    ['no query', {}, '/sse', []],
    [
      'a template, from the path',
      { path: '/rooms/:room', channels: ['room-{room}', 'all'] },
      '/sse',
      ['room-7', 'all'],
      '/rooms/7',
    ],
    ['a template of two segments', { path: '/:a/x/:b', channels: ['{a}.{b}'] }, '/sse?channel=c', ['a b.ü'], '/a%20b/x/%C3%BC'],
    ['a segment that is the channel', { path: '/rooms/:room', channels: ['{room}'] }, '/sse', ['a/b'], '/rooms/a%2Fb'],
    ['a function of the request', { channels: (req) => [String(req.headers['x-user'])] }, '/sse?channel=c', ['ann']],
    ['one that takes its time, and the path', { path: '/rooms/:room', channels: later }, '/sse', ['later-7'], '/rooms/7'],
  ] satisfies readonly Case[])('are those of %s', async ([, options, path, expected, mount = '/realtime']) => {
    const asked = new Set<string>()
    await using site = await startSite(options, { canRead: ({ channel }) => asked.add(channel).size > 0 })
    await using stream = await HttpStream.open(site.origin + mount + path, { 'x-user': 'ann' })
    for (const channel of ['a', 'b', 'b c', 'c', 'room-7', 'room-8', 'all', 'a b.ü', 'a/b', 'ann', 'later-7', '{room}']) {
      await site.trunkline.publishToChannel({ channel, type: 'said', detail: channel })
    }
    await site.trunkline.publishGlobal({ type: 'said', detail: 'end' })
    await stream.until('the end', () => stream.details.includes('end'))

    expect(new Set(stream.details)).toEqual(new Set([...expected, 'end']))
    expect(stream.events).toHaveLength(expected.length + 1)
    expect(asked).toEqual(new Set(expected))
  })

  test('more of them than maxChannels are refused with 400, whoever chose them', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => `channel=${n}`).join('&')
    await using usual = await startSite()
    await using few = await startSite({ maxChannels: 2 })
    await using chosen = await startSite({ maxChannels: 2, channels: () => ['a', 'b', 'c'] })
    const statuses = [
      [usual, many(11)],
      [few, many(3)],
      [chosen, ''],
    ] as const
    for (const [{ origin }, query] of statuses) expect(await statusOf(`${origin}/realtime/sse?${query}`)).toBe(400)
    for (const query of [many(10), '']) expect(await statusOf(`${usual.origin}/realtime/sse?${query}`)).toBe(200)
    expect(await statusOf(`${few.origin}/realtime/sse?${many(2)}`)).toBe(200)
    expect(usual.trunkline.stats().connections).toBeLessThanOrEqual(2)
  })
})

describe('canRead', () => {
  test.for([
    ['says no', () => false],
    ['says no after a while', () => pause(10, false)],
    ['throws', () => raise()],
    ['rejects', async () => raise()],
    ['hangs', () => new Promise<boolean>(() => {})],
    ['says neither', () => undefined as never],
    ['says something that is not true', () => 'yes' as never],
    ['opens only one of two', ({ channel }) => channel === 'a'],
  ] satisfies readonly (readonly [string, CanRead])[])('that %s is a 403', async ([how, canRead]) => {
    await using site = await startSite({ channels: ['a', 'b'] }, { canRead, hookTimeoutMs: 100 })
    expect(await statusOf(`${site.origin}/realtime/sse`)).toBe(403)
    expect(site.trunkline.stats().connections).toBe(0)
    const isFailure = /throws|rejects|hangs|neither|not true/.test(how)
    expect(site.deployment.reported.length > 0, 'a failure is reported, an answer is not').toBe(isFailure)
  })

  test('that says yes, at once or after a while, opens the channel, and needs none to be there', async () => {
    for (const canRead of [() => true, () => pause(10, true)]) {
      await using site = await startSite({ channels: ['a'] }, { canRead })
      await using stream = await HttpStream.open(`${site.origin}/realtime/sse`)
      await site.trunkline.publishToChannel({ channel: 'a', type: 'said' })
      await stream.untilEvents(1)
    }
  })

  test('is asked again when a client comes back: what was stored meanwhile stays closed to who lost the right', async () => {
    const members = new Set(['1', '2'])
    const canRead: CanRead = ({ userId }) => members.has(userId ?? '')
    await using site = await startSite({}, { canRead })
    const url = `${site.origin}/realtime/sse?channel=a`
    await using first = await HttpStream.open(url, { 'x-user': '1' })
    await site.trunkline.publishToChannel({ channel: 'a', type: 'said', detail: 'before' })
    await first.untilEvents(1)
    await first[Symbol.asyncDispose]()

    members.delete('1')
    await site.trunkline.publishToChannel({ channel: 'a', type: 'said', detail: 'secret' })
    const resume = { 'x-user': '1', 'last-event-id': first.cursor ?? '' }
    // Also in a process that has the event in the database alone.
    await using elsewhere = await startSite({}, { canRead }, site.deployment)
    expect(await statusOf(`${elsewhere.origin}/realtime/sse?channel=a`, resume)).toBe(403)
    const refusal = await fetch(url, { headers: resume })
    expect([refusal.status, await refusal.json()]).toEqual([403, { error: 'forbidden', message: expect.any(String) }])
    // Without the channel it comes back, past the event that it may not see, and another member gets that one.
    await site.trunkline.publishGlobal({ type: 'said', detail: 'end' })
    for (const { origin } of [site, elsewhere]) {
      await using without = await HttpStream.open(`${origin}/realtime/sse`, resume)
      await using other = await HttpStream.open(`${origin}/realtime/sse?channel=a`, { ...resume, 'x-user': '2' })
      for (const stream of [without, other]) await stream.until('the end', () => stream.details.includes('end'))
      expect(without.details).toEqual(['end'])
      expect(other.details).toEqual(['secret', 'end'])
      expect([...without.resets, ...other.resets]).toEqual([])
    }
  })
})

type Options = Partial<AdapterOptions<IncomingMessage, unknown>>
type Case = readonly [what: string, options: Options, path: string, channels: readonly string[], mount?: string]
type CanRead = NonNullable<TrunklineOptions<{}, never, unknown>['canRead']>

interface Rights {
  readonly canRead?: CanRead
  readonly hookTimeoutMs?: number
}

/** A web server of a process; of a deployment that there is already, or of its own. */
async function startSite(options: Options = {}, rights: Rights = {}, existing?: Deployment) {
  const deployment = existing ?? (await createDeployment(databaseUrl))
  const trunkline = deployment.open({}, rights)
  const identify = (req: IncomingMessage): string | null => req.headers['x-user']?.toString() ?? null
  const server = await startWebServer(nodeAdapter(trunkline, { identify, ...options }))
  return {
    deployment,
    trunkline,
    origin: server.origin,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      if (existing === undefined) await deployment[Symbol.asyncDispose]()
    },
  }
}

async function later(_req: IncomingMessage, { room }: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return pause(10, [`later-${room}`])
}

function raise(): never {
  throw new Error('the rights cannot be looked up')
}
