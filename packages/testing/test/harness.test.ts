import { createHarness } from '@trunkline/testing'
import { describe, expect, test } from 'vitest'

describe('clients', () => {
  test('everyone gets what is for them, as it is on the wire', async () => {
    await using harness = await createHarness({ canRead: ({ channel }) => channel === 'lobby' })
    const { trunkline } = harness
    const anonymous = await harness.connect()
    const one = await harness.connect({ userId: 1 })
    const two = await harness.connect({ userId: '2', channels: ['lobby'] })
    await trunkline.publish({ userId: 1, type: 'for-1', detail: { text: 'line\nline\r\n\u2028 é 🐘' } })
    await trunkline.publishToChannel({ channel: 'lobby', type: 'lobby' })
    await trunkline.publishToChannel({ channel: 'lobby', type: 'not-for-2', skipUserIds: [2] })
    await trunkline.publishSystem({ type: 'system' })
    await trunkline.publishGlobal({ type: 'end', detail: 1e2 })

    const typesOf = async (client: typeof anonymous) => {
      await client.expectEvent('end')
      return client.events.map(({ type }) => type)
    }
    expect(await typesOf(anonymous)).toEqual(['end'])
    expect(await typesOf(one)).toEqual(['for-1', 'end'])
    expect(await typesOf(two)).toEqual(['lobby', 'end'])
    expect(one.events[0]).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'for-1',
      detail: { text: 'line\nline\r\n\u2028 é 🐘' },
      scope: 'user',
      createdAt: harness.clock.now().toISOString(),
      cursor: expect.stringMatching(/\./),
    })
    expect(two.events[0]).toMatchObject({ scope: 'channel', channel: 'lobby' })
    expect(one.frames[0]).toMatchObject({ event: 'connected', data: expect.stringContaining('heartbeatMs') })
  })

  test('a channel that canRead does not open is refused before the stream begins', async () => {
    await using harness = await createHarness()
    await expect(harness.connect({ userId: 1, channels: ['staff'] })).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('a client that comes back with its cursor gets what it has missed', async () => {
    await using harness = await createHarness()
    const client = await harness.connect({ userId: 1 })
    await harness.trunkline.publish({ userId: 1, type: 'a' })
    await client.expectEvent('a')
    client.close()
    expect(await client.closed).toBe('client')
    await harness.trunkline.publish({ userId: 1, type: 'b' })
    const again = await harness.connect({ userId: 1, cursor: client.cursor })
    await again.expectEvent('b')
    expect(again.events.map(({ type }) => type)).toEqual(['b'])
    expect(again.resets).toEqual([])
  })

  test('a client that comes back with a cursor that is none is told to start over', async () => {
    await using harness = await createHarness()
    await harness.trunkline.publishGlobal({ type: 'a' })
    const client = await harness.connect({ cursor: 'yesterday' })
    expect(client.resets).toEqual([{ reason: 'malformed', channels: [] }])
    expect(client.cursor).toBe(await harness.trunkline.cursor())
    await client.expectNoEvent('*')
  })

  test('a stream that the server ends says why', async () => {
    let isStaff = true
    await using harness = await createHarness({ canRead: () => isStaff })
    const client = await harness.connect({ userId: 1, channels: ['staff'] })
    isStaff = false
    await harness.trunkline.permissionChanged({ userId: 1 })
    expect(await client.closed).toBe('forbidden')
    expect(client.frames.at(-1)).toMatchObject({ event: 'goodbye' })
  })

  test('hooks get the user and the request that the client came with', async () => {
    await using harness = await createHarness({
      beforeSend: (event, { audience, request }) => {
        event.detail = { user: audience.user, url: request?.url }
        return event
      },
    })
    const client = await harness.connect({ userId: 1, user: 'Ada', request: new Request('https://example.org/x') })
    await harness.trunkline.publish({ userId: 1, type: 'a' })
    await client.expectEvent('a', { user: 'Ada', url: 'https://example.org/x' })
  })
})

describe('a harness', () => {
  test('ends everything with its scope', async () => {
    const harness = await createHarness()
    const client = await harness.connect({ userId: 1 })
    const waiting = harness.expectEvent('never', undefined, { within: 60_000 }).catch((error: Error) => error.message)
    await harness[Symbol.asyncDispose]()
    await harness[Symbol.asyncDispose]()
    expect(await client.closed).toBe('client')
    expect(await waiting).toContain('came to the backend before its end (the harness was disposed of).')
    await expect(harness.trunkline.publishGlobal({ type: 'a' })).rejects.toMatchObject({ code: 'stopped' })
  })

  test('takes every option of createTrunkline, and keeps its failures', async () => {
    const heard: unknown[] = []
    await using harness = await createHarness({
      maxConnectionsPerUser: 1,
      isReliable: () => false,
      onReceive: () => Promise.reject(new Error('a bug')),
      onError: (error, { stage }) => heard.push([stage, error]),
    })
    await harness.connect({ userId: 1 })
    await expect(harness.connect({ userId: 1 })).rejects.toMatchObject({ code: 'too_many_connections' })
    const { cursor } = await harness.trunkline.publishToChannel({ channel: 'x', type: 'a' })
    expect(cursor).toBeNull()
    await expect.poll(() => harness.errors).toHaveLength(1)
    expect(harness.errors[0]).toMatchObject({ stage: 'onReceive', error: { code: 'hook_failed' } })
    expect(heard).toEqual([['onReceive', harness.errors[0]?.error]])
  })

  test('knows nothing of another harness', async () => {
    await using one = await createHarness()
    await using other = await createHarness()
    await one.trunkline.publishGlobal({ type: 'a' })
    await one.expectEvent('a')
    await other.expectNoEvent('*')
  })
})
