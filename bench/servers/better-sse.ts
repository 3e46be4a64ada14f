import { createServer } from 'node:http'

import { createChannel, createSession } from 'better-sse'

import { detailOf } from '../src/event.ts'
import { serve } from '../src/server.ts'

const channel = createChannel()
let events = 0

const server = createServer((request, response) => {
  void createSession(request, response).then((session) => channel.register(session))
})

await serve(server, {
  publish: ({ count, bytes }) => {
    for (let event = 0; event < count; event++) channel.broadcast(detailOf(++events, bytes), 'measured')
  },
})
