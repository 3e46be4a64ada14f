import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'

import { describe, expect, inject, test } from 'vitest'

import { findProgram } from './proxies/support/program.ts'
import { commandFile } from './support/command.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'

const databaseUrl = inject('databaseUrl')
const bash = findProgram('bash')
const hasTerminal = bash !== null && findProgram('script') !== null && process.platform === 'linux'

// What it does is tested in packages/cli; here is what only a shell and a terminal can show.

/** As a shell starts it. */
const trunkline = `'${process.execPath}' --conditions=@trunkline/source '${commandFile.pathname}'`

function environment({ url }: Deployment): NodeJS.ProcessEnv {
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env
  return { ...env, DATABASE_URL: url, TERM: 'xterm' }
}

async function createStory(): Promise<Deployment> {
  const deployment = await createDeployment(databaseUrl)
  const application = deployment.open()
  await application.publishMany(
    Array.from({ length: 500 }, (_, n) => ({ scope: 'global', type: 'counted', detail: { n, text: 'x'.repeat(500) } }) as const),
  )
  return deployment
}

describe('the command in a pipe', () => {
  test('is plain, ends silently when head has enough, and goes from one process into another', async () => {
    await using deployment = await createStory()
    const schema = `--schema ${deployment.schema}`
    const shell = promisify(execFile)
    const script = `
      set -o pipefail
      ${trunkline} tail ${schema} --since 500 | head -n 2
      echo "codes \${PIPESTATUS[@]}"
      echo '{"from": "a pipe"}' | ${trunkline} publish piped - --global --json ${schema} | cat
      ${trunkline} tail ${schema} --since 1 --no-follow --json --type piped | cat`
    const { stdout, stderr } = await shell('bash', ['-c', script], { env: environment(deployment) })
    expect(stderr).toBe('')
    const [first, second, codes, receipt, piped] = stdout.trimEnd().split('\n')
    expect(first).toMatch(/^\S+Z {2}global {8}counted {2}\{"n":0,/)
    expect(second).toContain('{"n":1,')
    expect(codes).toBe('codes 0 0')
    expect(JSON.parse(piped ?? '')).toMatchObject({
      id: (JSON.parse(receipt ?? '') as { id: string }).id,
      detail: { from: 'a pipe' },
    })
  })
})

describe.skipIf(!hasTerminal)('the command on a terminal (skipped where bash, or script of util-linux, is not installed)', () => {
  test('has colours, is ended by Ctrl-C with 0, and asks before it deletes', async () => {
    await using deployment = await createStory()
    const schema = `--schema ${deployment.schema}`
    const terminal = startTerminal(
      `${trunkline} tail ${schema} --since 1; echo code $?; ${trunkline} prune ${schema} --keep 499; echo code $?`,
      environment(deployment),
    )
    await terminal.until(/\u001b\[1mcounted\u001b\[22m/)
    terminal.type('\u0003')
    await terminal.until(/code 0/)
    await terminal.until(/Delete the events of .* beyond the newest 499\? \[y\/N\] /)
    terminal.type('y\r')
    await terminal.until(/deleted:.* 1\r\ncode 0/)
    await terminal.ended
  })

  test('is left at a question by Ctrl-C with 130, and changes nothing', async () => {
    await using deployment = await createStory()
    const terminal = startTerminal(
      `${trunkline} prune --schema ${deployment.schema} --keep 1; echo code $?`,
      environment(deployment),
    )
    await terminal.until(/\[y\/N\] /)
    terminal.type('\u0003')
    await terminal.until(/code 130/)
    await terminal.ended
    expect(await deployment.sql`select from ${deployment.sql(deployment.schema)}.log`).toHaveLength(500)
  })
})

/** A shell command on a terminal of its own, that of the program `script`. In bash: dash ends with a command that Ctrl-C came to. */
function startTerminal(command: string, env: NodeJS.ProcessEnv) {
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...env, SHELL: bash ?? undefined },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  return {
    ended: closed,
    type: (text: string) => void child.stdin.write(text),
    async until(pattern: RegExp): Promise<void> {
      while (!pattern.test(output)) {
        await Promise.race([once(child.stdout, 'data'), closed])
        if (child.exitCode !== null && !pattern.test(output)) throw new Error(`It ended before ${pattern}:\n${output}`)
      }
    },
  }
}
