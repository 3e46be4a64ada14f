import type { EventFilter } from '@trunkline/core'
import type { Command } from 'commander'

import { UsageError } from '../exit-codes.ts'
import { type ConsentOptions, hasConsent, withConsent } from '../options/consent.ts'
import { type DatabaseOptions, type Idle, withDatabase, withTrunkline } from '../options/database.ts'
import { examples } from '../options/examples.ts'
import { filterOf, type FilterOptions, withFilter } from '../options/filter.ts'
import { parseMoment } from '../options/values.ts'
import type { Terminal } from '../terminal.ts'

interface ReplayOptions extends DatabaseOptions, FilterOptions, ConsentOptions {
  readonly since?: Date
  readonly until?: Date
  readonly all?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** Pages of this many are counted before asking, ten of them at most. */
const countedPage = 1_000
const maxCounted = 10_000

export function addReplay(program: Command, terminal: Terminal): void {
  const command = program
    .command('replay')
    .description('sends stored events again: the same ids, a new place at the end of the log')
    .argument('[id]', 'one event; without it, those of the filter, oldest first')
  withConsent(withFilter(withDatabase(command)))
    .option('--since <when>', 'only events since then: how long ago, or a time', parseMoment)
    .option('--until <when>', 'only events before then', parseMoment)
    .option('--all', 'every stored event, when there is no filter')
    .option('--dry-run', 'only say how many it would be')
    .option('--json', 'print JSON: the receipt, or the count')
    .addHelpText(
      'after',
      examples(
        ['trunkline replay 019a8c2e-4b7a-7c35-b1b9-3d0e5f6a7b8c', 'one event'],
        ['trunkline replay --type task_complete --user 42 --since 1h', 'what one user may have missed; asks first'],
        ['trunkline replay --channel room-7 --dry-run', 'how many would it be?'],
      ),
    )
    .action((id: string | undefined, options: ReplayOptions) => {
      const filter = rangeOf(options)
      const isFiltered = Object.keys(filter).length > 0
      if (id !== undefined && (isFiltered || options.all === true || options.dryRun === true))
        throw new UsageError('An id stands for one event, and takes no filter. Example: replay --type task_complete')
      if (id === undefined && isFiltered === (options.all === true))
        throw new UsageError('Say which events: an id, a filter, or --all. Example: replay --type task_complete --since 1h')
      return withTrunkline(options, terminal, (trunkline) =>
        id === undefined ? replayMany(trunkline, filter, options, terminal) : replayOne(trunkline, id, options, terminal),
      )
    })
}

function rangeOf(options: ReplayOptions): EventFilter {
  const { since, until } = options
  return {
    ...filterOf(options),
    ...(since === undefined ? {} : { createdAfter: since }),
    ...(until === undefined ? {} : { createdBefore: until }),
  }
}

async function replayOne(trunkline: Idle, id: string, { json }: ReplayOptions, terminal: Terminal): Promise<void> {
  const receipt = await trunkline.replay(id)
  if (json === true) return terminal.printJson(receipt)
  return terminal.print(`${terminal.paint('green', 'sent again')} ${receipt.id} at ${receipt.cursor}`)
}

async function replayMany(trunkline: Idle, filter: EventFilter, options: ReplayOptions, terminal: Terminal): Promise<void> {
  const { json, dryRun, yes } = options
  if (dryRun === true || yes !== true) {
    const { count, more } = await countOf(trunkline, filter)
    const amount = `${more ? 'more than ' : ''}${count.toLocaleString('en')} ${count === 1 ? 'event' : 'events'}`
    if (dryRun === true) return json === true ? terminal.printJson({ count, more }) : terminal.print(`It would be ${amount}.`)
    if (!(await hasConsent(`Send ${amount} again?`, options, terminal))) return
  }
  const { count } = await trunkline.replayMany(filter, {
    signal: terminal.signal,
    onProgress: (sent) => terminal.progress(`${sent.toLocaleString('en')} sent again …`),
  })
  terminal.progress('')
  if (json === true) return terminal.printJson({ count })
  return terminal.print(`${terminal.paint('green', 'sent again:')} ${count.toLocaleString('en')}`)
}

async function countOf(trunkline: Idle, filter: EventFilter): Promise<{ readonly count: number; readonly more: boolean }> {
  let count = 0
  for (let before: string | null = null; count < maxCounted;) {
    const page = await trunkline.find({ ...filter, limit: countedPage, ...(before === null ? {} : { before }) })
    count += page.events.length
    if (page.next === null || page.events.length === 0) return { count, more: false }
    before = page.next
  }
  return { count: maxCounted, more: true }
}
