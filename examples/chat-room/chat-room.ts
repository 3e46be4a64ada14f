import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { startClock } from './clock.ts'
import { createRoutes } from './routes.ts'
import { createTasks } from './tasks.ts'
import { createChatTrunkline } from './trunkline.ts'

export interface ChatRoomOptions {
  readonly databaseUrl: string
  /** 0 takes any free one. */
  readonly port: number
  /** See DatabaseOptions. */
  readonly schema?: string | undefined
  /** See TasksOptions. */
  readonly stepMs?: number | undefined
  /** What fails without anybody waiting for it. */
  readonly onError: (error: unknown, where: string) => void
}

/** A running server process of the chat room. */
export interface ChatRoom extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** Ends all streams and requests, then the connections to the database, within two seconds. May be called twice. */
  stop(): Promise<void>
}

const graceMs = 1_000

/** Starts a process of the chat room. Several of them on one database are one room. */
export async function startChatRoom({ databaseUrl, port: wanted, schema, stepMs, onError }: ChatRoomOptions): Promise<ChatRoom> {
  const trunkline = createChatTrunkline({ databaseUrl, schema, onError: (error, { stage }) => onError(error, stage) })
  const server = createServer()
  try {
    // First the database, so that nobody is let in before it is known to work.
    await trunkline.start()
    await listen(server, wanted)
  } catch (error) {
    await trunkline.stop({ graceMs: 0 })
    throw error
  }

  const { port } = server.address() as AddressInfo // not a pipe
  const tasks = createTasks({ trunkline, port, stepMs, onError: (error) => onError(error, 'task') })
  const stopClock = startClock(trunkline, port, (error) => onError(error, 'clock'))
  server.on('request', createRoutes({ trunkline, tasks, port, onError: (error) => onError(error, 'request') }))

  async function stopAll(): Promise<void> {
    stopClock()
    // No new visitors: the clients whose streams end now would be back before the rest is done.
    const closed = once(server, 'close')
    server.close()
    // The tasks' last words still go out.
    await Promise.race([tasks.stop(), sleep(graceMs / 2)])
    await trunkline.stop({ graceMs: graceMs / 2 })
    server.closeIdleConnections()
    const impatience = setTimeout(() => server.closeAllConnections(), graceMs / 2)
    await closed
    clearTimeout(impatience)
  }

  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= stopAll())
  return { port, url: `http://localhost:${port}`, stop, [Symbol.asyncDispose]: stop }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port)
  await once(server, 'listening')
}
