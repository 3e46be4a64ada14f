import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

export interface StartProcessOptions {
  readonly args?: readonly string[]
  /** Added to the environment of this process; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /**
   * When it counts as started: with its first `process.send(…)`, with a line of output that matches, or (`null`) at once.
   * Defaults to `'message'`.
   */
  readonly ready?: 'message' | RegExp | null
  /** Defaults to 20 000. */
  readonly readyTimeoutMs?: number
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface RunningProcess {
  readonly pid: number
  /** What it has sent with `process.send(…)` so far. */
  readonly messages: readonly unknown[]
  /** What it has written to stdout and stderr so far. */
  readonly output: string
  readonly exited: Promise<Exit>
  send(message: unknown): void
  /** Resolves with the first message, old or new, that fits; rejects when the process ends without it. */
  message<T>(fits: (message: unknown) => message is T): Promise<T>
  /** Resolves when it is gone. Defaults to SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<Exit>
  /** Ctrl-C in its terminal: SIGINT to it and to every process that it started in its group. */
  interrupt(): Promise<Exit>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Runs a TypeScript file in a Node of its own, on the sources of the workspace. It ends when it is disposed of, and with us at the latest.
 *
 * @example
 * await using server = await startProcess(new URL('../fixtures/server.ts', import.meta.url), { env: { DATABASE_URL: url } })
 * await server.kill('SIGKILL')
 */
export async function startProcess(file: URL, options: StartProcessOptions = {}): Promise<RunningProcess> {
  const { args = [], env = {}, ready = 'message', readyTimeoutMs = 20_000 } = options
  // A group of its own (detached), so that what it starts can be ended with it.
  const child = spawn(process.execPath, [...nodeFlags, file.pathname, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  })
  endedWithUs.add(child)
  const exited = untilExit(child)
  const messages: unknown[] = []
  let output = ''
  child.on('message', (message) => messages.push(message))
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      child.emit('output')
    })
  }
  // A process that ends while we write to it is no failure of ours: `exited` tells.
  child.stdin?.on('error', () => {})
  await once(child, 'spawn')

  const running: RunningProcess = {
    pid: child.pid as number, // it was spawned
    messages,
    get output() {
      return output
    },
    exited,
    send: (message) => void child.send(message as object, () => {}),
    message: async <T>(fits: (message: unknown) => message is T) => {
      await until('message', () => messages.some(fits))
      return messages.find(fits) as T // `until` saw it
    },
    kill: (signal = 'SIGKILL') => {
      child.kill(signal)
      return exited
    },
    interrupt: () => {
      signalGroup(child, 'SIGINT')
      return exited
    },
    [Symbol.asyncDispose]: async () => {
      signalGroup(child, 'SIGKILL')
      await exited
    },
  }

  try {
    if (ready === 'message') await until('message', () => messages.length > 0)
    else if (ready !== null) await until('output', () => ready.test(output))
    return running
  } catch (error) {
    await running[Symbol.asyncDispose]()
    throw error
  }

  async function until(event: 'message' | 'output', isSo: () => boolean): Promise<void> {
    const controller = new AbortController()
    const timeout = setTimeout(() => controller.abort(`${readyTimeoutMs} ms passed`), readyTimeoutMs)
    void exited.then(({ code, signal }) => controller.abort(`it ended with ${code ?? signal}`))
    try {
      while (!isSo()) await once(child, event, { signal: controller.signal })
    } catch (cause) {
      const reason = String(controller.signal.reason)
      throw new Error(`${file.pathname}: no such ${event}, ${reason}. Its output:\n${output}`, { cause })
    } finally {
      clearTimeout(timeout)
    }
  }
}

const nodeFlags = [
  '--conditions=@trunkline/source',
  '--disable-warning=ExperimentalWarning',
  `--import=${new URL('./end-with-parent.ts', import.meta.url).href}`,
]

async function untilExit(child: ChildProcess): Promise<Exit> {
  const closed = once(child, 'close')
  const [code, signal] = (await once(child, 'exit')) as [Exit['code'], Exit['signal']]
  endedWithUs.delete(child)
  // Its last words are still in the pipe. But whom it has started may hold that pipe open for ever.
  await Promise.race([closed, sleep(500, undefined, { ref: false })])
  return { code, signal }
}

// The last line of defence, for a test that fails before it disposes of its process.
const endedWithUs = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of endedWithUs) signalGroup(child, 'SIGKILL')
})

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // Nobody is left in the group.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
