import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Answer, Call } from './calls.ts'

/** Methods of another process: `M` is what it gives to `answerCalls`. */
export type Remote<M> = {
  readonly [K in keyof M]: M[K] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never
}

/** A process of its own, on the sources of the workspace. */
export interface Child<M> extends AsyncDisposable {
  readonly pid: number
  readonly methods: Remote<M>
}

const nodeFlags = ['--conditions=@trunkline/source', '--disable-warning=ExperimentalWarning', '--expose-gc']

/** Flags for every process that is measured: `BENCH_NODE_FLAGS=--cpu-prof pnpm bench fanout` writes a profile of each. */
const extraFlags = (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '')

/** Starts a file that calls `answerCalls`. What it writes to stderr is seen; it is killed when it is disposed of, and ends with us. */
export async function startChild<M>(file: URL, env: Readonly<Record<string, string>> = {}): Promise<Child<M>> {
  const child = fork(file, { execArgv: [...nodeFlags, ...extraFlags], env: { ...process.env, NODE_OPTIONS: '', ...env } })
  const name = basename(fileURLToPath(file))
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let calls = 0
  child.on('message', (message: Answer | 'ready') => {
    if (message === 'ready') return
    const caller = waiting.get(message.call)
    waiting.delete(message.call)
    if (message.error === undefined) caller?.resolve(message.value)
    else caller?.reject(new Error(`${name}: ${message.error}`))
  })
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`${name} ended with ${code ?? signal}.`))
  })
  await untilReady(child, name)

  const call = (method: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const number = ++calls
      waiting.set(number, { resolve, reject })
      child.send({ call: number, method, args } satisfies Call, (error) => {
        if (error !== null) reject(error)
      })
    })
  return {
    pid: child.pid as number, // it has said that it is ready
    methods: new Proxy({} as Remote<M>, {
      get: (_, method: string) => (method === 'then' ? undefined : (...args: unknown[]) => call(method, args)),
    }),
    [Symbol.asyncDispose]: () => end(child),
  }
}

async function untilReady(child: ChildProcess, name: string): Promise<void> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${name} ended with ${code ?? signal} before it was ready.`)
  })
  await Promise.race([once(child, 'message'), ended])
  ended.catch(() => {
    // From here on the callers are told.
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  // In order, so that a profile is written.
  child.disconnect()
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await exited
  clearTimeout(timer)
}
