import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openBidi } from './bidi.ts'
import { hasProgram } from './has-program.ts'
import type { PageLike } from './pages.ts'

const program = 'firefox-esr'
const listening = /^WebDriver BiDi listening on (ws:\/\/\S+)$/m

/** Whether this machine has the program. */
export const hasFirefox: boolean = hasProgram(program)

/** A Firefox as Debian has it, with a fresh profile. playwright-core drives only one of its own making. */
export interface Firefox extends AsyncDisposable {
  newPage(): Promise<PageLike>
}

export async function launchFirefox(): Promise<Firefox> {
  const home = await mkdtemp(join(tmpdir(), 'trunkline-firefox-'))
  // A home of its own: as root it does not start in that of another user. A group of its own: its processes end with it.
  const child = spawn(program, ['--headless', '--no-remote', '--profile', home, '--remote-debugging-port', '0'], {
    detached: true,
    env: { ...process.env, HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(child, 'close')
  const kill = (): void => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid as number), 'SIGKILL') // it was spawned
  }
  process.once('exit', kill)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  while (!listening.test(said)) {
    await Promise.race([once(child.stderr, 'data'), closed])
    if (child.exitCode !== null) throw new Error(`Firefox did not start:\n${said}`)
  }
  const bidi = await openBidi(`${listening.exec(said)?.[1]}/session`)
  return {
    newPage: () => bidi.newPage(),
    [Symbol.asyncDispose]: async () => {
      process.off('exit', kill)
      kill()
      await closed
      await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}
