// A server with one fault, named in FAULT: what the bench has to notice.
import { createServer, type ServerResponse } from 'node:http'

import { detailOf } from '../../src/event.ts'
import { serve } from '../../src/server.ts'

const streams = new Set<ServerResponse>()
let events = 0

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
  streams.add(response)
})

await serve(server, {
  publish: () => {
    const frame = `data: ${JSON.stringify(detailOf(++events))}\n\n`
    const [first, second] = streams
    for (const response of streams) {
      const isFaulty = events === 12
      if (isFaulty && response === first) continue
      response.write(frame)
      if (isFaulty && response === second && process.env['FAULT'] === 'swaps') response.write(frame)
    }
  },
})
