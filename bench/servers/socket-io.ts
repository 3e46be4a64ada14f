import { createServer } from 'node:http'

import { createAdapter } from '@socket.io/postgres-adapter'
import { Pool } from 'pg'
import { Server } from 'socket.io'

import { detailOf } from '../src/event.ts'
import { serve } from '../src/server.ts'

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
await pool.query(
  `create table if not exists socket_io_attachments (id bigserial unique, created_at timestamptz default now(), payload bytea)`,
)
const server = createServer()
const io = new Server(server, { path: '/socket.io/', transports: ['websocket'], perMessageDeflate: false })
io.adapter(createAdapter(pool))
let events = 0

await serve(server, {
  publish: ({ count, bytes }) => {
    for (let event = 0; event < count; event++) io.emit('measured', detailOf(++events, bytes))
  },
})
