import { createServer, request } from 'node:http'
import { pipeline } from 'node:stream'

import type { AdapterHost, AdapterSetup } from '@trunkline/testing'

import { type HttpHost, httpHost } from './server.ts'

/** A host behind a reverse proxy that passes everything through, holds nothing back, and goes when its client goes. */
export function behindProxy(create: (setup: AdapterSetup) => Promise<HttpHost>) {
  return async (setup: AdapterSetup): Promise<AdapterHost> => {
    const behind = await create(setup)
    const proxy = await httpHost(proxyTo(behind.port))
    return {
      ...behind,
      ask: proxy.ask,
      async dispose() {
        await proxy.dispose()
        await behind.dispose()
      },
    }
  }
}

function proxyTo(port: number) {
  return createServer((req, res) => {
    const { method, url: path, headers } = req
    const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false })
    asked.on('response', (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      res.flushHeaders()
      // Ends or destroys the other side, whichever side ends or breaks off.
      pipeline(answer, res, () => {})
    })
    asked.on('error', () => res.destroy())
    res.on('close', () => asked.destroy())
    req.pipe(asked)
  })
}
