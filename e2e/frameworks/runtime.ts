import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Stats } from '@trunkline/core'

import { freePort } from '../../scripts/embedded-postgres/free-port.ts'
import { hasProgram } from '../clients/support/has-program.ts'
import { eventually } from '../support/eventually.ts'
import type { Exit } from '../support/processes.ts'
import { blocks } from './pages.ts'

/** A runtime of docs/frameworks/bun-deno.md that is not Node.js. */
export interface Runtime {
  /** As the page calls it. */
  readonly name: 'Bun' | 'Deno'
  readonly program: string
  /** Runs a file on the sources of the workspace. */
  readonly args: readonly string[]
  /** What the page's server needs there besides. */
  readonly imports: string
}

export const bun: Runtime = {
  name: 'Bun',
  program: 'bun',
  args: ['--no-install', '--conditions=@trunkline/source'],
  imports: '',
}

export const deno: Runtime = {
  name: 'Deno',
  program: 'deno',
  args: ['run', '--allow-all', '--no-check', '--conditions=@trunkline/source'],
  imports: "import process from 'node:process'\n",
}

/** Whether this machine has it. Says so where it has not. */
export function hasRuntime({ name, program }: Runtime): boolean {
  const has = hasProgram(program)
  if (!has) console.log(`The tests on ${name} are skipped: this machine has no ${program}.`)
  return has
}

/** The page's server as it ends for this runtime, and one more line: it says its numbers when it is asked to. */
export async function serverOf({ name, imports }: Runtime): Promise<string> {
  const [example] = await blocks('file', 'bun-deno')
  const [end] = (await blocks('end', 'bun-deno')).filter((block) => block.name === name)
  const [start, ...others] = example?.code.split(/^const server = [^]*/m) ?? []
  if (start === undefined || others.length !== 1 || end === undefined) throw new Error(`The page has no server for ${name}.`)
  const withoutNode = start.replace(/^import .* from '@hono\/node-server'\n/m, '')
  return `${imports}${withoutNode}${end.code}process.on('SIGUSR2', () => console.log(JSON.stringify(trunkline.stats())))\n`
}

/** A server in a process of such a runtime. */
export interface RuntimeServer extends AsyncDisposable {
  readonly origin: string
  readonly stream: string
  /** What it has written to stdout and stderr so far. */
  readonly output: string
  /** How many streams it has. */
  connections(): Promise<number>
  /** Asks it to end, and resolves when it has. */
  terminate(): Promise<Exit>
}

/** Starts one, and resolves when it answers. */
export async function startRuntime({ program, args }: Runtime, file: string, databaseUrl: string): Promise<RuntimeServer> {
  const port = await freePort()
  const child = spawn(program, [...args, file], {
    env: { ...process.env, DATABASE_URL: databaseUrl, PORT: String(port), DENO_NO_UPDATE_CHECK: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const endWithUs = (): void => void child.kill('SIGKILL')
  process.once('exit', endWithUs)
  const exited = once(child, 'close').then(([code, signal]): Exit => ({ code, signal }))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))

  const server: RuntimeServer = {
    origin: `http://localhost:${port}`,
    stream: `http://localhost:${port}/realtime/sse`,
    get output() {
      return output
    },
    connections: async () => {
      const said = output.length
      child.kill('SIGUSR2')
      const line = await eventually('its numbers', () => /^\{.*\}$/m.exec(output.slice(said))?.[0])
      return (JSON.parse(line) as Stats).connections
    },
    terminate: () => {
      child.kill('SIGTERM')
      return exited
    },
    [Symbol.asyncDispose]: async () => {
      process.off('exit', endWithUs)
      child.kill('SIGKILL')
      await exited
    },
  }
  try {
    await eventually(`${program} on port ${port}`, async () => hasEnded() || (await answers(server.origin)), 20_000)
    if (hasEnded()) throw new Error('It ended.')
    return server
  } catch (cause) {
    await server[Symbol.asyncDispose]()
    throw new Error(`${program} did not start. Its output:\n${output}`, { cause })
  }

  function hasEnded(): boolean {
    return child.exitCode !== null || child.signalCode !== null
  }
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
}
