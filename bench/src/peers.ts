import { type Child, startChild } from './child.ts'
import type { CrowdMethods, CrowdOptions } from './crowd-process.ts'
import type { ServerMethods } from './server.ts'

/** A file of `servers`, by its name. */
export type Peer =
  | 'raw-socket'
  | 'node-http'
  | 'better-sse'
  | 'hono-awaited'
  | 'hono-not-awaited'
  | 'nchan'
  | 'socket-io'
  | 'trunkline-node'
  | 'trunkline-hono'
  | 'trunkline-fetch'

/** A server that is measured, in a process of its own. */
export async function startPeer<M extends ServerMethods = ServerMethods>(
  peer: Peer | URL,
  env: Readonly<Record<string, string>> = {},
): Promise<Child<M>> {
  return startChild<M>(peer instanceof URL ? peer : new URL(`../servers/${peer}.ts`, import.meta.url), env)
}

/** Clients, in a process of their own. */
export function startCrowd(): Promise<Child<CrowdMethods>> {
  return startChild<CrowdMethods>(new URL('./crowd-process.ts', import.meta.url))
}

/** A server with clients that have their streams. */
export interface Site<M extends ServerMethods = ServerMethods> extends AsyncDisposable {
  readonly server: Child<M>
  readonly crowd: Child<CrowdMethods>
}

/** Starts both, and waits for the streams. */
export async function openSite<M extends ServerMethods = ServerMethods>(
  peer: Peer | URL,
  {
    env = {},
    ...crowdOptions
  }: Pick<CrowdOptions, 'size'> & Partial<CrowdOptions> & { readonly env?: Readonly<Record<string, string>> },
): Promise<Site<M>> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startPeer<M>(peer, env))
  const crowd = stack.use(await startCrowd())
  const port = (await server.methods.port()) as number
  await crowd.methods.open({ port, path: '/sse?user=user-{n}', ...crowdOptions })
  const both = stack.move()
  return { server, crowd, [Symbol.asyncDispose]: () => both.disposeAsync() }
}
