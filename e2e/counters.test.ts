import type { Stats } from '@trunkline/core'
import { describe, expect, inject, test } from 'vitest'

import { createDeployment, type Deployment, type Process } from './support/deployment.ts'
import { StreamClient } from './support/stream-client.ts'
import { openTransactionClient } from './support/transactions.ts'

const databaseUrl = inject('databaseUrl')

describe('stats() says of the clients', () => {
  test('how many there are, and how many bytes wait for them', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    await using first = await StreamClient.open(trunkline)
    expect(trunkline.stats()).toMatchObject({ connections: 1, queuedBytes: 0 })
    const second = await trunkline.connect({ userId: null })
    const waiting = trunkline.stats()
    const { value } = await second.next()
    expect(waiting).toMatchObject({ connections: 2, queuedBytes: value?.length })
    expect(trunkline.stats().queuedBytes).toBe(0)
    second.close()
    await second.closed
    expect(trunkline.stats().connections).toBe(1)
    await first[Symbol.asyncDispose]()
    expect(trunkline.stats().connections).toBe(0)
  })
})

describe('stats() counts', () => {
  const cases: Readonly<Record<string, { readonly expected: Partial<Stats['counters']>; readonly act: Act }>> = {
    'what was published and stored, and in how many appends': {
      expected: { published: 4, stored: 3, flushes: 2 },
      async act(trunkline) {
        await trunkline.publishGlobal({ type: 'x' })
        await trunkline.publishMany([
          { scope: 'global', type: 'x' },
          { scope: 'system', type: 'x' },
        ])
        await trunkline.publishGlobal({ type: 'x', store: false })
      },
    },
    'what was published in a transaction, which is no append of this process': {
      expected: { published: 1, stored: 1, flushes: 0 },
      async act(trunkline, { url }) {
        await trunkline.start()
        await using client = await openTransactionClient(url)
        await client.query('begin')
        await trunkline.publishGlobal({ type: 'x' }, { transaction: client.transaction })
        await client.query('commit')
      },
    },
    'not what was refused': {
      expected: {},
      act: (trunkline) => expect(trunkline.publishGlobal({ type: 'reset' })).rejects.toMatchObject({ code: 'reserved_type' }),
    },
    'once what was published twice under one key': {
      expected: { published: 2, stored: 1, flushes: 2 },
      async act(trunkline) {
        await trunkline.publishGlobal({ type: 'x', idempotencyKey: 'k' })
        await trunkline.publishGlobal({ type: 'x', idempotencyKey: 'k' })
      },
    },
    'what was handed to clients, and what a hook dropped': {
      expected: { published: 3, stored: 3, flushes: 1, delivered: 3, dropped: 2 },
      async act(trunkline) {
        await using one = await StreamClient.open(trunkline, { userId: 1 })
        await using two = await StreamClient.open(trunkline, { userId: 2 })
        await trunkline.publishMany([
          { scope: 'global', type: 'dropped' },
          { scope: 'user', userId: 1, type: 'x' },
          { scope: 'global', type: 'x' },
        ])
        await Promise.all([one.untilEvents(2), two.untilEvents(1)])
      },
    },
    'clients that were told that history was lost': {
      expected: { resets: 1 },
      async act(trunkline) {
        await using client = await StreamClient.open(trunkline, { cursor: 'nonsense' })
        await client.until('the reset', () => client.resets.length === 1)
      },
    },
    'reads for who was away longer than the memory of the process': {
      expected: { delivered: 2, catchUpReads: 1 },
      async act(trunkline, deployment) {
        const other = deployment.open()
        const cursor = await other.cursor()
        await other.publishMany([
          { scope: 'global', type: 'x' },
          { scope: 'global', type: 'x' },
        ])
        await using client = await StreamClient.open(trunkline, { cursor })
        await client.untilEvents(2)
      },
    },
  }

  test.for(Object.entries(cases))('%s', async ([, { expected, act }]) => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open({}, { beforeSend: (event) => (event.type === 'dropped' ? null : event) })
    await act(trunkline, deployment)
    const none = { published: 0, stored: 0, delivered: 0, dropped: 0, resets: 0, catchUpReads: 0, flushes: 0 }
    expect(trunkline.stats().counters).toEqual({ ...none, ...expected })
  })
})

type Act = (trunkline: Process, deployment: Deployment) => Promise<void>
