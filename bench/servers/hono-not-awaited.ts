// Writes and forgets: faster, and a stream that fails is never heard of.
import { serveHono } from '../src/hono-server.ts'

await serveHono((streams, event) => {
  for (const stream of streams) void stream.writeSSE(event)
})
