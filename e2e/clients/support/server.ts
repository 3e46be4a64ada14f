import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { nodeAdapter } from '@trunkline/adapter-node-http'

import type { Deployment, Process } from '../../support/deployment.ts'
import { htmxDialect } from '../htmx-dialect.ts'
import { holdAt } from './hold.ts'
import { answerPage } from './page-files.ts'

/** The stream of one client in one dialect. */
export type Cell = `${string}/${string}`

/** A server that all clients follow at once, in all dialects, and that does to them what servers and what is before them do. */
export interface ClientsServer extends AsyncDisposable {
  readonly origin: string
  /** How many streams a client has opened. */
  opened(cell: Cell): number
  /** How many times a client was refused by the adapter. */
  refused(cell: Cell): number
  /** How many times a client was told 503. */
  turnedAway(cell: Cell): number
  /** Ends the process's streams and stops it; it comes back on the same port when `meanwhile` is done. */
  restart(meanwhile: () => Promise<void>): Promise<void>
  /** From now on: the first stream of each client that has to say this hangs before it. */
  hangBefore(text: string): void
  /** Whether a client's stream has come so far. */
  hangs(cell: Cell): boolean
  /** Breaks off the streams that hang. */
  cut(): void
  /** Ends all streams, and answers 503 as proxies do until `meanwhile` is done. */
  beBusy(meanwhile: () => Promise<void>): Promise<void>
  /** Takes everybody's right to the channel, and says so. */
  refuse(): Promise<void>
}

export const channel = 'room'

export async function startClientsServer(deployment: Deployment): Promise<ClientsServer> {
  const counts = { opened: new Map<string, number>(), refused: new Map<string, number>(), turnedAway: new Map<string, number>() }
  const hanging = new Map<string, () => void>()
  let marker: string | undefined
  let isBusy = false
  let isAllowed = true
  let port = 0
  let [server, trunkline] = await start()

  async function start(): Promise<[Server, Process]> {
    const process = deployment.open({}, { heartbeatMs: 400, canRead: () => isAllowed })
    await process.start()
    const realtime = nodeAdapter(process, {
      path: '/realtime/:client',
      identify: () => null,
      dialect: ['trunkline', 'eventstream', 'djangorealtime', htmxDialect],
    })
    const listening = createServer((request, response) => {
      const cell = cellOf(request)
      if (cell === null) void answerPage(request, response)
      else if (isBusy) beBusy(cell, response)
      else {
        note(cell, response)
        holdAt(response, { before: () => (hanging.has(cell) ? undefined : marker), onHold: (cut) => hanging.set(cell, cut) })
        realtime(request, response)
      }
    })
    listening.listen({ port, host: '127.0.0.1', backlog: 1_024 })
    await once(listening, 'listening')
    port = (listening.address() as AddressInfo).port // not a pipe
    return [listening, process]
  }

  /** As the quick start does it: no new requests, then no streams. */
  async function stop(): Promise<void> {
    const closed = once(server, 'close')
    server.close()
    await trunkline.stop()
    server.closeAllConnections()
    await closed
  }

  function beBusy(cell: Cell, response: ServerResponse): void {
    add(counts.turnedAway, cell)
    response.writeHead(503, { 'content-type': 'text/html' }).end('<h1>Service unavailable</h1>')
  }

  function note(cell: Cell, response: ServerResponse): void {
    const { writeHead } = response
    response.writeHead = (...args: unknown[]) => {
      add(args[0] === 200 ? counts.opened : counts.refused, cell)
      return Reflect.apply(writeHead, response, args) as ServerResponse
    }
  }

  return {
    origin: `http://127.0.0.1:${port}`,
    opened: (cell) => counts.opened.get(cell) ?? 0,
    refused: (cell) => counts.refused.get(cell) ?? 0,
    turnedAway: (cell) => counts.turnedAway.get(cell) ?? 0,
    hangs: (cell) => hanging.has(cell),
    cut() {
      for (const cut of hanging.values()) cut()
    },
    async restart(meanwhile) {
      await stop()
      await meanwhile()
      ;[server, trunkline] = await start()
    },
    hangBefore(text) {
      marker = text
    },
    async beBusy(meanwhile) {
      isBusy = true
      await trunkline.disconnect('everyone')
      await meanwhile()
      isBusy = false
    },
    async refuse() {
      isAllowed = false
      await trunkline.permissionChanged({ channel })
    },
    [Symbol.asyncDispose]: stop,
  }
}

function cellOf({ url = '/' }: IncomingMessage): Cell | null {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const client = /^\/realtime\/([^/]+)\/sse$/.exec(pathname)?.[1]
  return client === undefined ? null : `${client}/${searchParams.get('dialect') ?? ''}`
}

function add(counts: Map<string, number>, cell: string): void {
  counts.set(cell, (counts.get(cell) ?? 0) + 1)
}
