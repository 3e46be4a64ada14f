import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { never, type Started } from './started.ts'

const server = join(import.meta.dirname, '../../examples/chat-room/server.ts')

/** What a server process tells the program that started it, once. */
type Said = { readonly ready: string } | { readonly problem: string }

export interface Room extends Started {
  /** Its URL, once it answers. */
  readonly ready: Promise<string>
}

/** Starts a server process of the chat room. It ends with us, however we end: its channel to us closes then. */
export function startRoom(port: number, databaseUrl: string): Room {
  const child = fork(server, {
    // The workspace's packages as they are in src, without a build.
    execArgv: ['--conditions=@trunkline/source'],
    env: { ...process.env, PORT: String(port), DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit')
  const ready = once(child, 'message').then(([said]: Said[]) => {
    if (said !== undefined && 'ready' in said) return said.ready
    throw new Error(said?.problem)
  })
  // Its last word may be read after its end was noticed.
  const ended = Promise.all([gone, once(child, 'disconnect')]).then(([[code, signal]]) => {
    throw new Error(`The server process on port ${port} ended by itself (${signal ?? code}).`)
  })
  return {
    ready,
    failed: Promise.race([ready.then(() => never), ended]),
    async stop() {
      child.kill('SIGTERM')
      const impatience = setTimeout(() => child.kill('SIGKILL'), 4_000)
      await gone
      clearTimeout(impatience)
    },
  }
}
