import { TrunklineError } from '@trunkline/core'
import { CommanderError } from 'commander'

import { exitCodes, Interrupted, UsageError } from './exit-codes.ts'
import { createProgram } from './program.ts'
import { type Io, Terminal } from './terminal.ts'

/** Runs the command with its arguments (without `node` and the file) and resolves with the exit code. Never rejects. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const terminal = new Terminal(io)
  let code: number = exitCodes.ok
  const program = createProgram(terminal, (ended) => (code = ended))
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (terminal.isGone) return exitCodes.ok
    return await explain(error, terminal, args.includes('--json'))
  }
}

async function explain(error: unknown, terminal: Terminal, asJson: boolean): Promise<number> {
  // Has been said by commander, or is what was asked for: --help, --version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (error instanceof Interrupted) return exitCodes.interrupted
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof TrunklineError ? error.code : error instanceof UsageError ? 'usage' : 'failed'
  if (asJson) await terminal.say(JSON.stringify({ error: { code, message } }))
  else await terminal.say(`${terminal.paintAside('red', 'error:')} ${message}${hintOf(code)}`)
  return error instanceof UsageError || code.startsWith('invalid_') || code === 'reserved_type'
    ? exitCodes.usage
    : exitCodes.failed
}

/** What to type, where the error itself speaks to somebody who writes a program. */
function hintOf(code: string): string {
  switch (code) {
    case 'not_migrated':
      return '\nRun: trunkline migrate'
    case 'store_unavailable':
    case 'permission_denied':
    case 'read_only_server':
      return '\nTo find out why: trunkline doctor'
    default:
      return ''
  }
}
