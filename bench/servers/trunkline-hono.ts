import type { Server } from 'node:http'

import { createAdaptorServer } from '@hono/node-server'
import { honoAdapter } from '@trunkline/adapter-hono'
import { Hono } from 'hono'

import { identify, serveTrunkline } from '../src/trunkline-server.ts'

await serveTrunkline((trunkline) => {
  const app = new Hono().route('/', honoAdapter(trunkline, { identify: (c) => identify(c.req) }))
  return createAdaptorServer({ fetch: app.fetch }) as Server
})
