// fetchAdapter's Response, written to node:http by our own toNodeHandler.
import { createServer } from 'node:http'

import { fetchAdapter } from '@trunkline/adapter-fetch'
import { toNodeHandler } from '@trunkline/adapter-node-http'

import { identify, serveTrunkline } from '../src/trunkline-server.ts'

await serveTrunkline((trunkline) => createServer(toNodeHandler(fetchAdapter(trunkline, { identify }))))
