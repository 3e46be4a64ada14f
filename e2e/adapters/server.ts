import { once } from 'node:events'
import { type Server as HttpServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'

import type { AdapterHost } from '@trunkline/testing'

import { askHttp } from './clients.ts'

/** What a host puts on every answer of HTTP/1.1. */
const protocolHeaders = ['connection', 'keep-alive', 'transfer-encoding']

/** Starts a server on a free port. */
export async function listen(server: Server): Promise<number> {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port // not a pipe
}

/** Ends a server, and whoever is still connected to it. */
export async function close(server: Server & Partial<Pick<HttpServer, 'closeAllConnections'>>): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections?.()
  await closed
}

/** A host on a port. */
export interface HttpHost extends AdapterHost {
  readonly port: number
}

/** A server of node:http as a host. */
export async function httpHost(server: HttpServer, application?: string): Promise<HttpHost> {
  const residue = watchResidue(server)
  const port = await listen(server)
  return {
    port,
    ask: askHttp(port),
    protocolHeaders,
    ...(application === undefined ? {} : { application }),
    residue,
    dispose: () => close(server),
  }
}

/**
 * Counts what streams may leave behind in a server: listeners of the server, of its sockets and of responses that are over, and
 * whatever keeps the process alive.
 */
export function watchResidue(server: Server): () => number {
  const sockets = new Set<Socket>()
  const responses: WeakRef<ServerResponse>[] = []
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('request', (_, res: ServerResponse) => responses.push(new WeakRef(res)))
  return () => {
    const over = responses.flatMap((reference) => reference.deref() ?? [])
    // How many listeners a response has from its framework is the same for each, so a sum of them would grow: drain is ours alone.
    const waiting = over.reduce((sum, res) => sum + res.listenerCount('drain'), 0)
    return waiting + [server, ...sockets].reduce((sum, emitter) => sum + listenersOf(emitter), 0) + activeResources()
  }
}

function listenersOf(emitter: NodeJS.EventEmitter): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0)
}

function activeResources(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name.startsWith('TCPS')).length
}
