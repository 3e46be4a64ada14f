import { createParser } from 'eventsource-parser'
import { describe, expect, inject, test } from 'vitest'

import { createDeployment, type Deployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { type RunningProcess, startProcess, type StartProcessOptions } from './support/processes.ts'
import { testRandom } from './support/random.ts'
import { StreamClient, toEvent, type ReceivedEvent } from './support/stream-client.ts'

const databaseUrl = inject('databaseUrl')

describe('a process that publishes', () => {
  test('killed in the middle of it: what it knew to be committed arrives, in order, and no half of a publishMany', async () => {
    const random = testRandom()
    await using deployment = await createDeployment(databaseUrl)
    await using live = await StreamClient.open(deployment.open())

    for (let life = 0; life < 4; life++) {
      const before = live.events.length
      await using child = await start('publish-groups', deployment)
      const enough = random.between(50, 300)
      await eventually('groups', () => child.messages.length >= enough)
      expect(await child.kill()).toEqual({ code: null, signal: 'SIGKILL' })

      // Behind this marker nothing of that life can come any more: what it left in the outbox is moved before it, or was never committed.
      await deployment.sql`select ${deployment.sql(deployment.schema)}.publish('group', ${JSON.stringify(`end.${life}`)}::text::json, scope => 'global')`
      await live.until('the end of this life', () => live.events.at(-1)?.detail === `end.${life}`)
      expectWholeGroups(live.events.slice(before, -1), child)
    }
    expect(live.resets).toEqual([])
  })

  test('killed right after its transaction committed: the event arrives through another process', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const other = deployment.open()
    const floor = await other.cursor()
    await using child = await start('commit-and-die', deployment, { ready: null })
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' })
    // It did not get to it itself, so this test sees the other process do it.
    expect(await other.cursor()).toBe(floor)

    const began = performance.now()
    await using reader = await StreamClient.open(other, { cursor: floor })
    await reader.untilEvents(1)

    expect(reader.events.map(({ type }) => type)).toEqual(['last words'])
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  test.for(['plain', 'many', 'pg transaction', 'postgres.js transaction'])(
    'that does nothing else ends by itself: %s',
    async (how) => {
      await using deployment = await createDeployment(databaseUrl)
      await using live = await StreamClient.open(deployment.open())

      await using script = await start('publish-and-end', deployment, { args: [how] })
      const published = performance.now()
      expect(await script.exited).toEqual({ code: 0, signal: null })

      expect(performance.now() - published).toBeLessThan(2_000)
      expect(script.output).toBe('')
      await live.untilEvents(how === 'many' ? 50 : 1)
      expect(new Set(live.details)).toEqual(new Set([how]))
    },
  )
})

describe('two processes', () => {
  test('what one publishes, the other streams', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const here = deployment.open()
    await here.start()
    await using there = await start('serve', deployment)
    const { port } = await there.message(
      (message): message is { port: number } => typeof message === 'object' && message !== null && 'port' in message,
    )
    const stop = new AbortController()
    const response = await fetch(`http://127.0.0.1:${port}/realtime/sse`, { headers: { 'x-user': '1' }, signal: stop.signal })
    const received: ReceivedEvent[] = []
    const parser = createParser({ onEvent: (frame) => frame.event === undefined && received.push(toEvent(frame)) })

    await here.publish({ userId: 2, type: 'not for 1' })
    await here.publish({ userId: 1, type: 'for 1', detail: { n: 1 } })
    await here.publishGlobal({ type: 'for all' })
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      parser.feed(decoder.decode(chunk, { stream: true }))
      if (received.length >= 2) break
    }
    stop.abort()

    expect(received.map(({ type }) => type)).toEqual(['for 1', 'for all'])
  })
})

function start(name: string, { url, schema }: Deployment, options: StartProcessOptions = {}): Promise<RunningProcess> {
  return startProcess(new URL(`./fixtures/${name}.ts`, import.meta.url), {
    env: { DATABASE_URL: url, TRUNKLINE_SCHEMA: schema },
    ...options,
  })
}

/** Each group has all its five events, in their order, and each caller's groups are in theirs. */
function expectWholeGroups(events: readonly ReceivedEvent[], { messages }: RunningProcess): void {
  const callers = Map.groupBy(
    events.map(({ detail }) => detail as string),
    (name) => name.split('.')[0],
  )
  for (const [caller, names] of callers) {
    expect(names).toEqual(names.map((_, index) => `${caller}.${Math.floor(index / 5)}.${index % 5}`))
    expect(names.length % 5).toBe(0)
  }
  const arrived = new Set(events.map(({ detail }) => detail))
  const committed = (messages as readonly { committed: string }[]).map((message) => message.committed)
  expect(committed.filter((group) => !arrived.has(`${group}.0`))).toEqual([])
}
