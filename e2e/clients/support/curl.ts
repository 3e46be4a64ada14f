import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createParser } from 'eventsource-parser'

import type { Follow } from '../follow/follow.ts'
import type { OpenVisit } from './client.ts'
import { hasProgram } from './has-program.ts'
import { inNode } from './node-client.ts'

const script = fileURLToPath(new URL('../follow/curl.sh', import.meta.url))

/** The script, whose output is read as the stream it is. */
const follow: Follow = (url, _names, take) => {
  // A group of its own, so that the curl it runs ends with it.
  const child = spawn('bash', [script, url], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const parser = createParser({
    onEvent: ({ event = 'message', data }) => take(event, data),
    onComment: (comment) => take('comment', comment),
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => parser.feed(text))
  let isOver = false
  void once(child, 'close').then(() => (isOver = true))
  const close = (): void => {
    if (!isOver && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
  process.once('exit', close)
  return { close, isOver: () => isOver }
}

/** Null where the script cannot run. */
export const inCurl: OpenVisit | null = hasProgram('curl') && hasProgram('bash') ? inNode(follow) : null
