import type { Trunkline } from '@trunkline/core'

import type { Deployment } from '../support/deployment.ts'
import { type Exit, startProcess } from '../support/processes.ts'

/** What a test may have a server process do. */
export type Method = 'disconnect' | 'publish' | 'publishGlobal' | 'publishToChannel' | 'publishMany' | 'cursor' | 'stats'

/** Asks a server process for a call. */
export interface Call {
  readonly call: number
  readonly method: Method
  readonly args: readonly unknown[]
}

/** What came of a {@link Call}. */
export interface Answer {
  readonly call: number
  readonly value?: unknown
  readonly error?: string
}

/** A server process of a deployment, with pages. */
export interface Site extends AsyncDisposable {
  readonly port: number
  readonly origin: string
  /** Calls a method of the process's trunkline. */
  call<M extends Method>(method: M, ...args: Parameters<Trunkline[M]>): Promise<Awaited<ReturnType<Trunkline[M]>>>
  /** SIGKILL. */
  kill(): Promise<Exit>
}

export interface SiteOptions {
  /** Defaults to any free one. */
  readonly port?: number
  /** Defaults to 15,000. */
  readonly heartbeatMs?: number
}

/** Starts a server process of a deployment. */
export async function startSite(
  { url, schema }: Deployment,
  { port: wanted = 0, heartbeatMs = 15_000 }: SiteOptions = {},
): Promise<Site> {
  const running = await startProcess(new URL('./site-process.ts', import.meta.url), {
    env: { DATABASE_URL: url, SCHEMA: schema, PORT: String(wanted), HEARTBEAT_MS: String(heartbeatMs) },
  })
  const [{ port }] = running.messages as readonly [{ readonly port: number }]
  let calls = 0
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    async call(method, ...args) {
      const call = ++calls
      running.send({ call, method, args } satisfies Call)
      const { value, error } = await running.message((message): message is Answer => (message as Answer).call === call)
      if (error !== undefined) throw new Error(`${method}() of the server process: ${error}`)
      return value as never // what the method gives, as JSON
    },
    kill: () => running.kill(),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}

/** The address of a file that every {@link Site} serves, with this content. */
export function fileOf(text: string, { type, policy }: { readonly type?: string; readonly policy?: string } = {}): string {
  return `/file?${new URLSearchParams({ text, ...(type !== undefined && { type }), ...(policy !== undefined && { policy }) })}`
}

/** The address of a page with the client's script in it. */
export const scriptPage: string = fileOf('<!doctype html><title>Trunkline</title><script src="/realtime/client.js"></script>')
