import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { setTimeout as pause } from 'node:timers/promises'
import { fetchAdapter } from '@trunkline/adapter-fetch'
import { nodeAdapter } from '@trunkline/adapter-node-http'
import { describe, expect, inject, test } from 'vitest'

import { createDeployment, type Process } from './support/deployment.ts'
import { HttpStream } from './support/http-stream.ts'
import { startWebServer } from './support/web-server.ts'

const databaseUrl = inject('databaseUrl')
const events = 5_000
// More than the sockets of both sides and the memory of the process hold: the end of it is read from the ring, the rest from the store.
const padding = 'x'.repeat(5_000)

const adapters: Readonly<Record<string, (trunkline: Process) => RequestListener>> = {
  nodeAdapter: (trunkline) => nodeAdapter(trunkline, { identify: () => null }),
  fetchAdapter: (trunkline) => overNode(fetchAdapter(trunkline, { identify: () => null })),
}

describe('a client that stops reading for 3 s while 5,000 events come', () => {
  test.concurrent.for(Object.keys(adapters))('gets all of them, in order and once, over the %s', async (name) => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    await trunkline.start()
    await using server = await startWebServer((adapters[name] as (typeof adapters)[string])(trunkline))
    await using paused = await HttpStream.open(`${server.origin}/realtime/sse`)
    await using neighbour = await HttpStream.open(`${server.origin}/realtime/sse`)

    paused.pause()
    const pausedFor = pause(3_000)
    for (let number = 0; number < events; number += 100) await trunkline.publishMany(batch(number))
    await neighbour.untilEvents(events)
    await pausedFor
    expect(paused.events).toEqual([])
    const { delivered } = trunkline.stats().counters
    expect(delivered - events, 'the sockets were full').toBeLessThan(events)
    expect(trunkline.stats().queuedBytes).toBeLessThan(1_048_576)
    paused.resume()
    await paused.untilEvents(events, 20_000)

    // One more shows that nothing came twice in between.
    await trunkline.publishGlobal({ type: 'last', detail: { number: events } })
    await paused.untilEvents(events + 1)
    expect(numbersOf(paused)).toEqual(Array.from({ length: events + 1 }, (_, number) => number))
    expect(paused.events.slice(0, events).every(({ data }) => data.includes(padding))).toBe(true)
    expect(trunkline.stats().counters.catchUpReads).toBeGreaterThan(0)
    expect(paused.resets).toEqual([])
    expect(deployment.reported).toEqual([])
  })
})

function batch(from: number) {
  return Array.from(
    { length: 100 },
    (_, index) => ({ scope: 'global', type: 'burst', detail: { number: from + index, padding } }) as const,
  )
}

function numbersOf({ details }: HttpStream): readonly number[] {
  return (details as readonly { readonly number: number }[]).map(({ number }) => number)
}

/** What frameworks on Node put around a fetch handler, in its shortest form. */
function overNode(handler: ReturnType<typeof fetchAdapter>): RequestListener {
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const left = new AbortController()
    res.once('close', () => left.abort())
    const { status, headers, body } = await handler(new Request(`http://${req.headers.host}${req.url}`, { signal: left.signal }))
    res.writeHead(status, Object.fromEntries(headers))
    // A client that goes away is the normal end of a stream.
    await pipeline(Readable.fromWeb((body ?? new Blob().stream()) as ReadableStream), res).catch(() => {})
  }
  return (req, res) => void answer(req, res)
}
