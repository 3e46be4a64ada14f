import type { Command } from 'commander'

import { UsageError } from '../exit-codes.ts'
import type { Terminal } from '../terminal.ts'

/** Whether a person has said yes beforehand. */
export interface ConsentOptions {
  readonly yes?: boolean
}

export function withConsent(command: Command): Command {
  return command.option('-y, --yes', 'do not ask; needed where nobody can be asked')
}

/** Asks on a terminal. In a pipe, where nobody can answer, `--yes` has to have been given. */
export async function hasConsent(question: string, { yes }: ConsentOptions, terminal: Terminal): Promise<boolean> {
  if (yes === true) return true
  if (!terminal.isInteractive) {
    throw new UsageError(`Nobody can be asked here: "${question}" Pass --yes. Nothing was done.`)
  }
  if (await terminal.confirm(question)) return true
  await terminal.say('Nothing was done.')
  return false
}
