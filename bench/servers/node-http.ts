// What one would write by hand, as short as it gets: it loses what a client missed, and never looks whether a client reads.
import { createServer, type ServerResponse } from 'node:http'

import { detailOf } from '../src/event.ts'
import { serve } from '../src/server.ts'

const streams = new Set<ServerResponse>()
let events = 0

/** Frames as long as Trunkline's, which every new client gets: what a replay has to be measured against. */
const replay = Array.from({ length: Number(process.env['BENCH_REPLAY'] ?? 0) }, (_, n) =>
  Buffer.from(
    `id: ${'0'.repeat(30)}\ndata: ${JSON.stringify({ id: 'x'.repeat(36), type: 'measured', detail: detailOf(n), scope: 'global', createdAt: new Date() })}\n\n`,
  ),
)

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  response.write(': connected\n\n')
  for (const frame of replay) response.write(frame)
  streams.add(response)
  response.on('close', () => streams.delete(response))
})

await serve(server, {
  publish: ({ count, bytes }) => {
    for (let event = 0; event < count; event++) {
      const data = JSON.stringify({ type: 'measured', detail: detailOf(++events, bytes) })
      const frame = Buffer.from(`id: ${events}\ndata: ${data}\n\n`)
      for (const response of streams) response.write(frame)
    }
  },
})
