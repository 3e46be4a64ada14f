import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clientScript } from '@trunkline/client/script'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { createDeployment, type Deployment, type Process } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { HttpStream } from '../support/http-stream.ts'
import { root } from '../docs/blocks.ts'
import { bun, deno, hasRuntime, type Runtime, type RuntimeServer, serverOf, startRuntime } from './runtime.ts'

const ada = { cookie: 'visitor=ada' }
const bob = { cookie: 'visitor=bob' }

for (const runtime of [bun, deno]) {
  describe.skipIf(!hasRuntime(runtime))(
    `what bun-deno shows, on ${runtime.name} (skipped where the program ${runtime.program} is not installed)`,
    () => {
      showsOn(runtime)
    },
  )
}

function showsOn(runtime: Runtime): void {
  let folder: string
  let deployment: Deployment
  let publisher: Process

  beforeAll(async () => {
    // In the workspace, where the imports are found, and apart from what is linted and formatted.
    await mkdir(join(root, 'e2e/.data'), { recursive: true })
    folder = await mkdtemp(join(root, 'e2e/.data/runtimes-'))
    // The page says no schema: a database of its own keeps it away from everybody else's.
    deployment = await createDeployment(inject('databaseUrl'), { database: true })
    publisher = deployment.open({ schema: 'trunkline' })
  })

  afterAll(async () => {
    await deployment?.[Symbol.asyncDispose]()
    if (folder !== undefined) await rm(folder, { recursive: true })
  })

  test('serves its page and the client script, and its button greets who presses it', async () => {
    await using server = await start()
    expect(await (await fetch(server.origin)).text()).toContain('<script src="/realtime/client.js"></script>')
    const script = await fetch(`${server.origin}/realtime/client.js`)
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await script.text()).toBe(clientScript.source)

    await using stream = await HttpStream.open(server.stream, ada)
    expect((await fetch(`${server.origin}/greet`, { method: 'POST', headers: ada })).status).toBe(204)
    await stream.untilEvents(1)
    expect(stream.details).toEqual([{ text: 'Hello from fetch' }])
  })

  test('what a process of Node.js publishes arrives at whom it is for, also when they were away', async () => {
    await using server = await start()
    const before = await HttpStream.open(server.stream, ada)
    await using other = await HttpStream.open(server.stream, bob)
    await publish('ada', 1, 100)
    await before.untilEvents(100)
    const { cursor } = before
    await before[Symbol.asyncDispose]()

    await publish('ada', 101, 2_000)
    await using after = await HttpStream.open(server.stream, { ...ada, 'last-event-id': cursor })
    await publish('ada', 2_001, 2_100)
    await publish('bob', 1, 1)
    await after.untilEvents(2_000)
    await other.untilEvents(1)
    expect([...before.details, ...after.details]).toEqual(numbers(1, 2_100))
    expect(other.details).toEqual(numbers(1, 1))
    expect([...before.resets, ...after.resets]).toEqual([])
  })

  test('who does not read for a while misses nothing', async () => {
    await using server = await start()
    await using slow = await HttpStream.open(server.stream, ada)
    await using live = await HttpStream.open(server.stream, ada)
    slow.pause()
    // More than the sockets of both sides take.
    const padding = 'x'.repeat(64 * 1_024)
    await publish('ada', 1, 400, padding)
    await live.untilEvents(400)
    expect(slow.events.length).toBeLessThan(400)
    slow.resume()
    await slow.untilEvents(400)
    expect(slow.details).toEqual(live.details)
    expect(slow.resets).toEqual([])
  })

  test.concurrent('a stream of which nothing is heard stays open until the heartbeat', async () => {
    await using server = await start()
    expect(await firstOf(server, 'heartbeat')).toBe('heartbeat')
  })

  test.runIf(runtime === bun).concurrent('without idleTimeout: 0, it is cut before the heartbeat', async () => {
    await using server = await start((code) => code.replace(', idleTimeout: 0', ''))
    expect(await firstOf(server, 'heartbeat')).toBe('the end')
  })

  test('a client that leaves is no connection any more', async () => {
    await using server = await start()
    await using stays = await HttpStream.open(server.stream, ada)
    const leaves = await Promise.all([ada, bob, {}].map((headers) => HttpStream.open(server.stream, headers)))
    expect(await server.connections()).toBe(4)
    await Promise.all(leaves.map((stream) => stream[Symbol.asyncDispose]()))
    await eventually('one connection', async () => (await server.connections()) === 1)
    await publish('ada', 1, 1)
    await stays.untilEvents(1)
  })

  test('SIGTERM ends it, with a stream open and a connection that does nothing', async () => {
    const others = await deployment.connections()
    await using server = await start()
    await using stream = await HttpStream.open(server.stream, ada)
    // Node.js keeps its connection for the next one.
    await (await fetch(server.origin)).text()
    const terminated = performance.now()
    const exit = server.terminate()
    await stream.untilEnd()
    expect(stream.goodbye).toBe('stopped')
    expect(await exit).toEqual({ code: 0, signal: null })
    expect(performance.now() - terminated).toBeLessThan(10_000)
    expect(server.output).not.toMatch(/error|uncaught|unhandled/i)
    await eventually('its connections to be gone', async () => (await deployment.connections()) <= others)
  })

  /** Starts the page's server, changed where a test wants it. */
  async function start(edit: (code: string) => string = (code) => code): Promise<RuntimeServer> {
    const code = await serverOf(runtime)
    const edited = edit(code)
    const file = join(folder, edited === code ? 'server.ts' : 'edited.ts')
    await writeFile(file, edited)
    return startRuntime(runtime, file, deployment.url)
  }

  async function publish(userId: string, from: number, to: number, padding?: string): Promise<void> {
    const events = numbers(from, to).map((detail) => ({
      scope: 'user' as const,
      userId,
      type: 'greeting',
      detail: padding === undefined ? detail : { detail, padding },
    }))
    // Within what one statement may take.
    for (let at = 0; at < events.length; at += 100) await publisher.publishMany(events.slice(at, at + 100))
  }
}

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

/** What comes first on a stream that nothing is published to: a frame of this name, or its end. */
async function firstOf({ stream }: RuntimeServer, name: string): Promise<string> {
  const controller = new AbortController()
  const { body } = await fetch(stream, { headers: ada, signal: controller.signal })
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      if (text.includes(`event: ${name}\n`)) return name
    }
    return 'the end'
  } catch {
    return 'the end' // cut off, in the midst of a chunk
  } finally {
    controller.abort()
  }
}
