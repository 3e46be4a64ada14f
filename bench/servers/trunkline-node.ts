import { createServer } from 'node:http'

import { nodeAdapter } from '@trunkline/adapter-node-http'

import { identify, serveTrunkline } from '../src/trunkline-server.ts'

await serveTrunkline((trunkline) => createServer(nodeAdapter(trunkline, { identify })))
