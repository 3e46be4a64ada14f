import { type Catalogue, createTrunkline } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'
import { describe, expect, inject, test } from 'vitest'

import { createDeployment, type Deployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { expectDelivered, hasArrived, startFlow } from './support/flow.ts'
import { StreamClient } from './support/stream-client.ts'

const databaseUrl = inject('databaseUrl')

describe('two versions of an application on one database', () => {
  test('with other catalogues: the events of each come to the clients and subscribers of both, as they were published', async () => {
    await using deployment = await createDeployment(databaseUrl)
    await using old = createTrunkline({
      ...storage(deployment),
      events: { message: having('text') },
      onReceive: (event) => event,
      beforeSend: (event) => event,
    })
    await using young = createTrunkline({
      ...storage(deployment),
      events: { message: having('text', 'author'), reaction: having('emoji') },
    })
    const heard: unknown[] = []
    old.subscribe(({ type, detail }) => heard.push([type, detail]))
    await old.start()
    const cursor = await old.cursor()
    await using oldClient = await StreamClient.open(old)
    await using youngClient = await StreamClient.open(young)

    await old.publishGlobal({ type: 'message', detail: { text: 'hi' } })
    await young.publishGlobal({ type: 'message', detail: { text: 'hello', author: 'Ann' } })
    await young.publishGlobal({ type: 'reaction', detail: { emoji: '🐘' } })
    await old.publishGlobal({ type: 'message', detail: { text: 'end' } })
    const sent = [
      ['message', { text: 'hi' }],
      ['message', { text: 'hello', author: 'Ann' }],
      ['reaction', { emoji: '🐘' }],
      ['message', { text: 'end' }],
    ]
    await Promise.all([oldClient.untilEvents(4), youngClient.untilEvents(4)])
    await using oldResumed = await StreamClient.open(old, { cursor })
    await using youngResumed = await StreamClient.open(young, { cursor })
    await Promise.all([oldResumed.untilEvents(4), youngResumed.untilEvents(4)])
    for (const { events, resets } of [oldClient, youngClient, oldResumed, youngResumed]) {
      expect([events.map(({ type, detail }) => [type, detail]), resets]).toEqual([sent, []])
    }
    expect(heard).toEqual(sent)

    // Each refuses what its own catalogue does not have: only publishing is checked.
    await expect(old.publishGlobal({ type: 'reaction' as never, detail: { emoji: '!' } })).rejects.toMatchObject({
      code: 'unknown_type',
    })
    await expect(young.publishGlobal({ type: 'message', detail: { text: 'hi' } })).rejects.toMatchObject({
      code: 'invalid_detail',
    })
  })
})

describe('two releases of Trunkline on one database', () => {
  test('what a later one notifies in its own way is found by an earlier one at once', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    await using live = await StreamClient.open(trunkline)
    // As if the later one had come with a migration.
    const [row] = await deployment.sql<[{ source: string }]>`
      select pg_get_functiondef(${`${deployment.schema}.write`}::regproc) as source`
    expect(row.source).toContain(`'{"v":1,"log":`)
    await deployment.run(row.source.replace(`'{"v":1,"log":`, `'{"v":2,"grew":`))
    await deployment.run(`update ${deployment.schema}.meta set version = 99`)

    const young = deployment.open()
    for (let number = 0; number < 5; number++) {
      const began = performance.now()
      await young.publishGlobal({ type: 'x', detail: number })
      await live.untilEvents(number + 1)
      // Without a hint the log is looked at every five seconds.
      expect(performance.now() - began).toBeLessThan(1_000)
    }
    expect([live.details, live.resets, deployment.reported]).toEqual([[0, 1, 2, 3, 4], [], []])
  })

  test('what is not understood, on the channel or in the log, breaks nothing: everything comes, in order and once', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    await using live = await StreamClient.open(trunkline)
    const heard: unknown[] = []
    trunkline.subscribe('trunkline.control', (event) => heard.push(event))
    await using flow = startFlow(deployment.open(), { callers: 2, pauseMs: 2 })
    const [{ channel, epoch }] = await deployment.sql<[{ channel: string; epoch: string }]>`
      select channel, epoch from ${deployment.sql(deployment.schema)}.meta`

    for (const payload of foreignPayloads(epoch)) {
      const { length } = live.events
      await deployment.sql`select pg_notify(${channel}, ${payload})`
      await live.untilEvents(length + 3)
    }
    for (const detail of foreignControls) {
      await deployment.sql`
        insert into ${deployment.sql(deployment.schema)}.outbox (id, type, scope, body, raw)
        values (${crypto.randomUUID()}, 'trunkline.control', 'system', ${detail}, false)`
    }
    await eventually('all to be in the log', async () => {
      const [{ count }] = await deployment.sql<[{ count: number }]>`
        select count(*)::int from ${deployment.sql(deployment.schema)}.events where type = 'trunkline.control'`
      return count === foreignControls.length
    })
    const { length } = live.events
    await live.untilEvents(length + 3)
    await flow.stop()
    await live.until('all that was acknowledged', () => hasArrived(live.events, flow))

    expectDelivered(live.events, flow)
    expect([flow.failed, live.resets, heard, deployment.reported]).toEqual([[], [], [], []])
    expect(trunkline.stats().listener.state).toBe('listening')
  })
})

function storage({ url, schema }: Deployment) {
  return postgres({ url, schema, migrate: true })
}

/** The schema of an object with these texts. */
function having(...keys: readonly string[]): Catalogue[string] {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) =>
        keys.every((key) => typeof (value as Record<string, unknown>)[key] === 'string')
          ? { value }
          : { issues: [{ message: `needs ${keys.join(', ')}` }] },
    },
  }
}

/** What a later release might ask of every process. */
const foreignControls = ['{"kind":"reload"}', '{"kind":"disconnect","userId":7}', '{}', '[]', 'null', '"everyone"']

/** What a later release might notify, or anybody who knows the channel. */
function foreignPayloads(epoch: string): readonly string[] {
  const far = Number.MAX_SAFE_INTEGER
  return [
    '',
    'hello',
    '{"v":1,"log":',
    'null',
    '[]',
    '{"v":1}',
    JSON.stringify({ v: 2, log: { epoch, after: 0, last: far } }),
    JSON.stringify({ v: 1, gossip: { about: 'you' } }),
    JSON.stringify({ v: 1, log: { epoch: 'another', after: 0, last: 1 } }),
    JSON.stringify({ v: 1, log: { epoch, after: 0, last: far } }),
    JSON.stringify({ v: 1, log: { epoch, after: far - 1, last: far, events: [[far, 'id']] } }),
    JSON.stringify({ v: 1, log: { epoch, after: -1, last: 1.5 } }),
    JSON.stringify({ v: 1, live: [['id', 'a type', 'everyone']] }),
    '\u{1F418}'.repeat(1_900),
  ]
}
