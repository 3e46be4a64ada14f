// Every stream's write is awaited before the next event: the way of Hono's own examples.
import { serveHono } from '../src/hono-server.ts'

await serveHono((streams, event) => Promise.all(Array.from(streams, (stream) => stream.writeSSE(event))))
