import type { Command } from 'commander'

import { UsageError } from '../exit-codes.ts'
import { type ConsentOptions, hasConsent, withConsent } from '../options/consent.ts'
import { type DatabaseOptions, databaseUrl, withDatabase, withTrunkline } from '../options/database.ts'
import { examples } from '../options/examples.ts'
import { parseCount, parseDuration } from '../options/values.ts'
import type { Terminal } from '../terminal.ts'

interface PruneOptions extends DatabaseOptions, ConsentOptions {
  readonly olderThan?: number
  readonly keep?: number
  readonly json?: boolean
}

export function addPrune(program: Command, terminal: Terminal): void {
  withConsent(withDatabase(program.command('prune').description('deletes the oldest events now')))
    .option('--older-than <duration>', 'those older than this', parseDuration)
    .option('--keep <count>', 'those beyond so many of the newest', parseCount)
    .option('--json', 'print JSON: the count')
    .addHelpText(
      'after',
      '\nClients that stood among them start over: they are told by reset. With both bounds, what either lets go.',
    )
    .addHelpText(
      'after',
      examples(
        ['trunkline prune --older-than 7d', 'a week stays; asks first'],
        ['trunkline prune --keep 100000 --yes --json', 'in a script'],
      ),
    )
    .action(async (options: PruneOptions) => {
      const { olderThan, keep } = options
      if (olderThan === undefined && keep === undefined)
        throw new UsageError('Say what may go: --older-than or --keep. Example: prune --older-than 7d')
      if (olderThan === 0) throw new UsageError('--older-than must be above 0. Example: --older-than 7d')
      // Not worth a question without one.
      databaseUrl(options, terminal.io)
      if (!(await hasConsent(questionOf(options), options, terminal))) return
      const { count } = await withTrunkline(options, terminal, (trunkline) => trunkline.prune(), {
        ...(olderThan === undefined ? {} : { maxAgeMs: olderThan }),
        ...(keep === undefined ? {} : { maxEvents: keep }),
      })
      if (options.json === true) return terminal.printJson({ count })
      return terminal.print(`${terminal.paint('green', 'deleted:')} ${count.toLocaleString('en')}`)
    })
}

function questionOf({ olderThan, keep, schema }: PruneOptions): string {
  const which = [
    olderThan === undefined ? [] : [`created before ${new Date(Date.now() - olderThan).toISOString()}`],
    keep === undefined ? [] : [`beyond the newest ${keep.toLocaleString('en')}`],
  ].flat()
  return `Delete the events of "${schema}" ${which.join(', and those ')}?`
}
