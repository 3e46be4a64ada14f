import type { Inspection } from '@trunkline/postgres'
import { TrunklineError } from '@trunkline/core'
import type { Command } from 'commander'

import { type DatabaseOptions, withDatabase, withTrunkline } from '../options/database.ts'
import { examples } from '../options/examples.ts'
import type { Terminal } from '../terminal.ts'

interface StatsOptions extends DatabaseOptions {
  readonly json?: boolean
}

/** What the database says; what only a running process knows is in its stats(). */
interface Reading extends Inspection {
  readonly head: string
  readonly floor: string
}

export function addStats(program: Command, terminal: Terminal): void {
  withDatabase(program.command('stats').description('the log in numbers, as PostgreSQL has them'))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(['trunkline stats', 'for a person'], ['trunkline stats --json | jq .log.queueUsage', 'for a script']),
    )
    .action(async (options: StatsOptions) => {
      const reading = await withTrunkline(options, terminal, async (trunkline, backend): Promise<Reading> => {
        // First of all, for it says what is wrong when something is.
        const [head, floor] = [await trunkline.cursor('head'), await trunkline.cursor('floor')]
        return { ...(await backend.inspect()), head, floor }
      })
      if (options.json === true) return terminal.printJson(reading)
      for (const [name, value] of rowsOf(reading)) await terminal.print(`${terminal.paint('dim', name.padEnd(20))} ${value}`)
    })
}

function rowsOf({ server, migrations, log, head, floor }: Reading): readonly (readonly [name: string, value: string])[] {
  if (log === null) throw new TrunklineError('permission_denied', `Role "${server.role}" may not look into the schema.`)
  const { events, isEstimate, lastMinute, lastHour, oldest, newest, bytes, queueUsage, listeners, outbox } = log
  return [
    ['PostgreSQL', server.version],
    ['schema version', `${migrations.version} (this release: ${migrations.latest})`],
    ['events stored', `${isEstimate ? 'about ' : ''}${amount(events)}`],
    ['events per second', `${rate(lastMinute, 60)} in the last minute, ${rate(lastHour, 3_600)} in the last hour`],
    ['oldest event', ago(oldest)],
    ['newest event', ago(newest)],
    ['head', head],
    ['floor', floor],
    ['size on disk', size(bytes)],
    ['waiting in outbox', outbox === null ? 'not visible to this role' : amount(outbox)],
    ['notification queue', `${(queueUsage * 100).toFixed(1)} % full`],
    ['listening processes', `${listeners} in this database`],
  ]
}

function amount(count: number): string {
  return count.toLocaleString('en')
}

/** Only so many events are looked at. */
function rate(count: number, seconds: number): string {
  return `${count > 100_000 ? 'at least ' : ''}${(count / seconds).toLocaleString('en', { maximumSignificantDigits: 3 })}`
}

function ago(at: string | null): string {
  if (at === null) return 'none'
  const seconds = Math.max(0, (Date.now() - Date.parse(at)) / 1_000)
  const text =
    seconds < 120
      ? `${Math.round(seconds)} s`
      : seconds < 7_200
        ? `${Math.round(seconds / 60)} min`
        : `${Math.round(seconds / 3_600)} h`
  return `${at} (${text} ago)`
}

function size(bytes: number): string {
  const [unit, divisor] = bytes < 1e6 ? (['kB', 1e3] as const) : bytes < 1e9 ? (['MB', 1e6] as const) : (['GB', 1e9] as const)
  return `${(bytes / divisor).toLocaleString('en', { maximumFractionDigits: 1 })} ${unit}`
}
