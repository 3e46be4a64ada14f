import type { Trunkline } from '@trunkline/core'

import type { Deployment } from './deployment.ts'
import { type RunningProcess, startProcess } from './processes.ts'

/** What a test may have a server process do. */
export type Method = 'publish' | 'publishGlobal' | 'publishToChannel' | 'permissionChanged' | 'disconnect' | 'stats'

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

/** A web server of a deployment, in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  /** Where its streams are. */
  readonly url: string
  readonly process: RunningProcess
  /** Calls a method of the process's trunkline. */
  call<M extends Method>(method: M, ...args: Parameters<Trunkline[M]>): Promise<Awaited<ReturnType<Trunkline[M]>>>
}

/** Starts a file of `fixtures` that calls `serve`. */
export async function startServer(name: string, { url, schema }: Deployment): Promise<ServerProcess> {
  const running = await startProcess(new URL(`../fixtures/${name}.ts`, import.meta.url), {
    env: { DATABASE_URL: url, TRUNKLINE_SCHEMA: schema },
  })
  const { port } = await running.message(
    (message): message is { port: number } => typeof message === 'object' && message !== null && 'port' in message,
  )
  let calls = 0
  return {
    url: `http://127.0.0.1:${port}/realtime/sse`,
    process: running,
    async call(method, ...args) {
      const call = ++calls
      running.send({ call, method, args } satisfies Call)
      const { value, error } = await running.message((message): message is Answer => (message as Answer).call === call)
      if (error !== undefined) throw new Error(`${method}() of the server process: ${error}\n${running.output}`)
      return value as never // what the method gives, as JSON
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}
