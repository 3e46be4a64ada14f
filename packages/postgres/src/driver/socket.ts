import { connect, type Socket } from 'node:net'

import type { Server } from './server.ts'

/** Opens a connection to the first of the server's hosts that answers. */
export async function openSocket(server: Server, connectMs: number): Promise<Socket> {
  if (server.path !== undefined) return attempt({ path: server.path }, connectMs)
  let failure: unknown
  for (const { host, port } of server.hosts) {
    try {
      const socket = await attempt({ host, port }, connectMs)
      // postgres.js verifies the certificate against this name.
      return Object.assign(socket, { host, port })
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

function attempt(
  to: { readonly path: string } | { readonly host: string; readonly port: number },
  connectMs: number,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...to, noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 })
    const failed = (error: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(() => failed(new Error(`no answer within ${connectMs} ms`)), connectMs)
    socket.once('error', failed)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.removeListener('error', failed)
      resolve(socket)
    })
  })
}
