import { connect } from '@trunkline/client'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { eventually } from './support/eventually.ts'
import type { HttpStream } from './support/http-stream.ts'
import { TwoServers } from './support/two-servers.ts'

let servers: TwoServers

beforeAll(async () => {
  servers = await TwoServers.start(inject('databaseUrl'))
})
afterAll(() => servers[Symbol.asyncDispose]())

describe('in the other process, within a second,', () => {
  test('a right that was taken ends the streams it concerns, and no others', async () => {
    const { here, there } = servers
    await servers.let(['1', '2'], 'a')
    await servers.let(['1'], 'b')
    await using near = await servers.open(here, '1', 'a')
    await using far = await servers.open(there, '1', 'b', 'a')
    await using other = await servers.open(there, '2', 'a')
    await using elsewhere = await servers.open(there, '1', 'b')

    await servers.forbid('1', 'a')
    const began = performance.now()
    await here.call('permissionChanged', { userId: '1', channel: 'a' })
    await here.call('publishToChannel', { channel: 'a', type: 'still there' })
    await here.call('publishToChannel', { channel: 'b', type: 'still there' })
    await Promise.all([near.untilEnd(), far.untilEnd(), other.untilEvents(1), elsewhere.untilEvents(1)])

    expect([near.goodbye, far.goodbye]).toEqual(['forbidden', 'forbidden'])
    expectWithinASecond(began, [near, far])
    expect([other.endedAt, elsewhere.endedAt]).toEqual([undefined, undefined])
  })

  test('disconnect ends one stream, those of a user, or all', async () => {
    const { here, there } = servers
    await using first = await servers.open(there, '3')
    const { connected } = await there.process.message(isStreamOf('3'))
    await using second = await servers.open(there, '3')
    await using third = await servers.open(here, '3')
    await using other = await servers.open(there, '4')

    for (const [who, ended, staying] of [
      [{ connectionId: connected }, [first], [second, third, other]],
      [{ userId: '3' }, [second, third], [other]],
      ['everyone', [other], []],
    ] as const) {
      const began = performance.now()
      await here.call('disconnect', who)
      await Promise.all(ended.map((stream) => stream.untilEnd()))
      expectWithinASecond(began, ended)
      expect(ended.map(({ goodbye }) => goodbye)).toEqual(ended.map(() => 'disconnected'))
      // What comes now comes to those who stayed.
      await here.call('publishGlobal', { type: 'still there' })
      await Promise.all(staying.map((stream) => stream.until('an event', () => stream.events.at(-1)?.type === 'still there')))
    }
  })

  test('who is skipped gets nothing of an event, and neither after a resume', async () => {
    const { here, there } = servers
    await servers.let(['5', '6'], 'c')
    await using skipped = await servers.open(there, '5', 'c')
    await using other = await servers.open(there, '6', 'c')
    const { cursor = '' } = skipped
    await here.call('publishToChannel', { channel: 'c', type: 'said', detail: 'hi', skipUserIds: ['5'] })
    await here.call('publishToChannel', { channel: 'c', type: 'said', detail: 'end' })
    await Promise.all([skipped, other].map((stream) => stream.until('the end', () => stream.details.includes('end'))))
    expect([skipped.details, other.details]).toEqual([['end'], ['hi', 'end']])

    await using again = await servers.openAs(there, { 'x-user': '5', 'last-event-id': cursor }, 'c')
    await again.untilEvents(1)
    expect(again.details).toEqual(['end'])
  })

  test('a process whose LISTEN connection is killed at that moment obeys as well', async () => {
    const { here, there, deployment } = servers
    for (const user of ['10', '11', '12', '13', '14']) {
      await servers.let([user], 'd')
      await using near = await servers.open(here, user, 'd')
      await using far = await servers.open(there, user, 'd')
      await using other = await servers.open(there, `${user}0`)
      await servers.forbid(user, 'd')
      const before = await listeningSince()
      const began = performance.now()
      expect(await deployment.killBackends('trunkline listen')).toBe(2)
      await here.call('permissionChanged', { userId: user })
      await here.call('disconnect', { userId: `${user}0` })
      await Promise.all([near, far, other].map((stream) => stream.untilEnd()))
      expect([near.goodbye, far.goodbye, other.goodbye]).toEqual(['forbidden', 'forbidden', 'disconnected'])
      expectWithinASecond(began, [near, far, other])
      await eventually('both to listen anew', async () =>
        (await listeningSince()).every((since, n) => since > (before[n] as string)),
      )
    }
  })
})

describe('a stream that expires', () => {
  test('ends with a goodbye, and its client comes back and is identified anew', async () => {
    const { here, there, deployment } = servers
    const { schema } = deployment
    await deployment.run(`insert into ${schema}.session values ('token', '20', now() + '500 ms')`)
    await using stream = await servers.openAs(there, { 'x-session': 'token' })
    await using client = connect({ endpoint: there.url, headers: () => ({ 'x-session': 'token' }) })
    const seen: string[] = []
    client.on('*', (_, { type }) => seen.push(type))
    await eventually('the client to be connected', () => client.state.status === 'open')
    await deployment.run(`update ${schema}.session set expires_at = now() + '1 hour'`)

    await stream.untilEnd()
    expect([stream.goodbye, stream.retryMs]).toEqual(['expired', expect.any(Number)])
    await here.call('publish', { userId: '20', type: 'after it came back' })
    await eventually('the event', () => seen.length > 0)

    // One page is one person's: it follows nobody else.
    await deployment.run(`update ${schema}.session set user_id = '21'`)
    await here.call('disconnect', { userId: '20' })
    await here.call('publish', { userId: '21', type: 'for somebody else' })
    await eventually('the client to be told that it is somebody else now', () => client.state.status === 'stopped')
    expect(client.state).toMatchObject({ reason: 'unauthorized' })
    expect(seen).toEqual(['after it came back'])
  })

  test('and whose session is over is told so', async () => {
    const { here, there, deployment } = servers
    const { schema } = deployment
    await deployment.run(`insert into ${schema}.session values ('other', '22', now() + '1 hour')`)
    await using client = connect({ endpoint: there.url, headers: () => ({ 'x-session': 'other' }) })
    await eventually('the client to be connected', () => client.state.status === 'open')
    await deployment.run(`delete from ${schema}.session`)
    await here.call('disconnect', { userId: '22' })
    await eventually('the client to be told that its session is over', () => client.state.status === 'stopped')
    expect(client.state).toMatchObject({ reason: 'unauthorized' })
  })
})

/** Since when each of them listens; the empty text when it does not. */
function listeningSince(): Promise<readonly string[]> {
  return Promise.all(
    [servers.here, servers.there].map(async (server) => {
      const { state, since } = (await server.call('stats')).listener
      return state === 'listening' ? since : ''
    }),
  )
}

function expectWithinASecond(began: number, ended: readonly HttpStream[]): void {
  for (const { endedAt = Infinity } of ended) expect(endedAt - began).toBeLessThan(1_000)
}

function isStreamOf(user: string): (message: unknown) => message is { readonly connected: string } {
  return (message): message is { readonly connected: string } => (message as { readonly userId?: unknown }).userId === user
}
