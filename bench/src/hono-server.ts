import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'

import { detailOf } from './event.ts'
import { serve } from './server.ts'

/** Hono's own way to stream events, on Node. `tell` writes one to all of its streams. */
export async function serveHono(
  tell: (
    streams: Iterable<SSEStreamingApi>,
    event: { readonly id: string; readonly event: string; readonly data: string },
  ) => unknown,
): Promise<void> {
  const streams = new Set<SSEStreamingApi>()
  let events = 0
  const app = new Hono().get('*', (c) =>
    streamSSE(c, async (stream) => {
      await stream.writeSSE({ event: 'connected', data: '' })
      streams.add(stream)
      await new Promise<void>((resolve) => stream.onAbort(resolve))
      streams.delete(stream)
    }),
  )
  await serve(createAdaptorServer({ fetch: app.fetch }), {
    publish: async ({ count, bytes }) => {
      for (let event = 0; event < count; event++) {
        const id = String(++events)
        await tell(streams, { id, event: 'measured', data: JSON.stringify(detailOf(events, bytes)) })
      }
    },
  })
}
