// The floor: one write of a socket for each client, with nothing of HTTP but a head in front.
import { createServer, type Socket } from 'node:net'

import { detailOf } from '../src/event.ts'
import { serve } from '../src/server.ts'

const streams = new Set<Socket>()
let events = 0

const server = createServer({ noDelay: true }, (socket) => {
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n: connected\n\n')
    streams.add(socket)
  })
  socket.on('close', () => streams.delete(socket))
  socket.on('error', () => socket.destroy())
})

await serve(server, {
  publish: ({ count, bytes }) => {
    for (let event = 0; event < count; event++) {
      const data = JSON.stringify({ type: 'measured', detail: detailOf(++events, bytes) })
      const frame = Buffer.from(`id: ${events}\ndata: ${data}\n\n`)
      for (const socket of streams) socket.write(frame)
    }
  },
})
