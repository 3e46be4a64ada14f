import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'

import { answerCalls, type Methods } from './calls.ts'

/** What is published at once: so many events, one after the other, without giving up the turn. */
export interface Publication {
  readonly count: number
  /** Of the detail's JSON. Defaults to 100. */
  readonly bytes?: number
  /** One user's. Left out: everyone's. */
  readonly userId?: string
}

/** What a process has used. */
export interface Usage {
  /** Processor time since it started, in microseconds. */
  readonly cpuUs: number
  /** Resident, after a collection where it can be asked for. */
  readonly rssBytes: number
  readonly heapBytes: number
}

/** What every server that is measured can do. */
export interface ServerMethods {
  port(): number
  publish(publication: Publication): Promise<void> | void
  cpuUs(): number | Promise<number>
  /** Collects garbage first. */
  usage(): Usage | Promise<Usage>
}

/** What the servers on Node.js can be asked for besides. */
export interface SocketMethods {
  /** Bytes that wait in this process for sockets to take them. */
  unsentBytes(): number
}

/** Starts to listen, and answers the bench. */
export async function serve(
  server: Server,
  methods: Pick<ServerMethods, 'publish'> & Partial<ServerMethods> & Methods,
): Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const unsentBytes: SocketMethods['unsentBytes'] = () => [...sockets].reduce((sum, socket) => sum + socket.writableLength, 0)
  server.listen({ port: 0, host: '127.0.0.1', backlog: 16_384 })
  await once(server, 'listening')
  answerCalls({ ...measured, unsentBytes, port: () => (server.address() as AddressInfo).port, ...methods })
}

const measured = {
  cpuUs,
  usage: (): Usage => {
    compact()
    const { rss, heapUsed, external } = process.memoryUsage()
    return { cpuUs: cpuUs(), rssBytes: rss, heapBytes: heapUsed + external }
  },
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** The flavour that also moves together what is left: without it half of a heap may be holes, which is a matter of chance. */
function compact(): void {
  const collect = globalThis.gc as ((options: object) => void) | undefined
  for (let time = 0; time < 2; time++) collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
