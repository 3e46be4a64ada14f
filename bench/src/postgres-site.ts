import type { Child } from './child.ts'
import { openSite, type Site, startPeer } from './peers.ts'
import type { TrunklineMethods } from './trunkline-server.ts'

/** Two processes on one PostgreSQL: clients at one, and the other publishes. */
export interface PostgresSite extends Site<TrunklineMethods> {
  readonly publisher: Child<TrunklineMethods>
}

/** Starts both. */
export async function openPostgresSite(url: string, size: number, path?: string): Promise<PostgresSite> {
  const env = { DATABASE_URL: url }
  await using stack = new AsyncDisposableStack()
  const publisher = stack.use(await startPeer<TrunklineMethods>('trunkline-node', env))
  const site = stack.use(
    await openSite<TrunklineMethods>('trunkline-node', { size, env, ...(path === undefined ? {} : { path }) }),
  )
  const all = stack.move()
  return { ...site, publisher, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
