import { once } from 'node:events'
import { PassThrough } from 'node:stream'

import { run } from '../../src/run.ts'

export { exitCodes } from '../../src/exit-codes.ts'

/** How a test runs the command. */
export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  /** What stands in stdin. */
  readonly input?: string
  /** Whether all three streams are a terminal. */
  readonly isTerminal?: boolean
}

/** What came of it. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs in this process, with streams of its own. */
export interface Running {
  readonly stdout: string
  readonly stderr: string
  readonly ended: Promise<Ended>
  /** Resolves when an output matches. */
  until(output: 'stdout' | 'stderr', pattern: RegExp): Promise<void>
  interrupt(): void
  /** The reader of stdout goes away, as `head` does. */
  leave(): void
  type(text: string): void
}

/** Runs the command until it ends. */
export function trunkline(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  return start(args, options).ended
}

/** What the command printed as JSON, line by line. */
export function jsonOf({ stdout }: Pick<Ended, 'stdout'>): readonly unknown[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

/** Starts the command. */
export function start(args: readonly string[], { env = {}, input, isTerminal = false }: CommandOptions = {}): Running {
  const [stdin, stdout, stderr] = [stream(isTerminal), stream(isTerminal), stream(isTerminal)]
  const interrupted = new AbortController()
  const said = { stdout: '', stderr: '' }
  stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
  if (input !== undefined) stdin.end(input)
  const ended = run(args, { stdin, stdout, stderr, env, signal: interrupted.signal }).then((code) => ({ code, ...said }))
  return {
    get stdout() {
      return said.stdout
    },
    get stderr() {
      return said.stderr
    },
    ended,
    interrupt: () => interrupted.abort(),
    leave: () => stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    type: (text) => stdin.write(text),
    async until(output, pattern) {
      const over = ended.then(({ code }) => {
        if (!pattern.test(said[output])) throw new Error(`It ended with ${code} before ${pattern}:\n${said.stdout}${said.stderr}`)
      })
      while (!pattern.test(said[output])) await Promise.race([once(output === 'stdout' ? stdout : stderr, 'data'), over])
    },
  }
}

function stream(isTTY: boolean): PassThrough & { readonly isTTY: boolean } {
  return Object.assign(new PassThrough(), { isTTY })
}
