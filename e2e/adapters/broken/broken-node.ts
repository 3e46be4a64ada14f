import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

import { createHttp, createMount, readNodeRequest } from '@trunkline/core/http'
import type { AdapterHost, AdapterSetup } from '@trunkline/testing'

import { nodeHeader, optionsFor } from '../options.ts'
import { httpHost } from '../server.ts'

/** What an adapter on sockets may forget. */
export type NodeFault =
  | 'does not look at what write() says'
  | 'does not listen for close'
  | 'leaves a listener on the server'
  | 'leaves a timer'
  | 'does not end its answers'

/** An adapter for node:http with one fault, or none, as a host. */
export function brokenNodeHost(setup: AdapterSetup, fault: NodeFault | null): Promise<AdapterHost> {
  const options = optionsFor<IncomingMessage>(setup, nodeHeader)
  const answer = createHttp(setup.trunkline, options)
  const mount = createMount(setup.path)

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const mounted = mount(req.url ?? '/')
    const request = { ...readNodeRequest(req), identify: () => options.identify(req) }
    const answered = mounted === null ? null : await answer({ ...request, ...mounted })
    if (answered === null) return void res.writeHead(404).end()
    const { status, headers, body } = answered
    res.writeHead(status, [...headers].flat())
    if (body === null || typeof body === 'string') return void res.end(body)
    if (fault !== 'does not listen for close') res.on('close', () => body.close())
    if (fault === 'leaves a listener on the server') server.on('error', () => {})
    if (fault === 'leaves a timer') timers.add(setInterval(() => {}, 60_000))
    for await (const chunk of body) {
      if (res.write(chunk) || fault === 'does not look at what write() says') continue
      await new Promise<void>((resolve) => {
        res.once('drain', resolve)
        res.once('close', resolve)
      })
    }
    if (fault !== 'does not end its answers') res.end()
  }
  const timers = new Set<NodeJS.Timeout>()
  const server = createServer((req, res) => void serve(req, res))
  server.on('close', () => timers.forEach((timer) => clearInterval(timer)))
  return httpHost(server)
}
