import { migrationSql, type Inspection } from '@trunkline/postgres'
import type { Command } from 'commander'

import { exitCodes, UsageError } from '../exit-codes.ts'
import { type DatabaseOptions, withBackend, withDatabase } from '../options/database.ts'
import { examples } from '../options/examples.ts'
import type { End } from '../program.ts'
import type { Terminal } from '../terminal.ts'

interface MigrateOptions extends DatabaseOptions {
  readonly print?: boolean
  readonly status?: boolean
  readonly runtimeRole?: string
  readonly json?: boolean
}

export function addMigrate(program: Command, terminal: Terminal, end: End): void {
  withDatabase(program.command('migrate').description('makes the tables of the log, or brings them to this release'))
    .option('--status', 'only say what is pending; exit code 3 if anything is')
    .option('--print', 'only print the SQL, for psql -f; needs no database')
    .option('--runtime-role <name>', "with --print: also the GRANTs that the application's role needs")
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        [
          'trunkline migrate',
          'in a deployment step: safe while the application runs, and does nothing when there is nothing to do',
        ],
        ['trunkline migrate --print --runtime-role app > trunkline.sql', 'for those who run SQL themselves'],
        ['trunkline migrate --status || exit 1', 'in a script: has everything been migrated?'],
      ),
    )
    .action(async (options: MigrateOptions) => {
      checkOptions(options)
      if (options.print === true) await printSql(options, terminal)
      else if (options.status === true) end(await tellStatus(options, terminal))
      else await migrate(options, terminal)
    })
}

function checkOptions({ print, status, runtimeRole, json }: MigrateOptions): void {
  if (print === true && status === true)
    throw new UsageError('--print and --status are two different things. Example: migrate --status')
  if (print === true && json === true) throw new UsageError('--print prints SQL and takes no --json. Example: migrate --print')
  if (print !== true && runtimeRole !== undefined)
    throw new UsageError('--runtime-role belongs to --print. Example: migrate --print --runtime-role app')
}

function printSql({ schema, runtimeRole }: MigrateOptions, terminal: Terminal): Promise<void> {
  return terminal.print(migrationSql({ schema, ...(runtimeRole === undefined ? {} : { runtimeRole }) }).trimEnd())
}

async function migrate(options: MigrateOptions, terminal: Terminal): Promise<void> {
  const { applied } = await withBackend(options, terminal, (backend) => backend.migrate())
  if (options.json === true) return terminal.printJson({ applied })
  if (applied.length === 0) return terminal.print(`The schema "${options.schema}" is current: nothing to do.`)
  for (const name of applied) await terminal.print(`${terminal.paint('green', 'applied')} ${name}`)
}

async function tellStatus(options: MigrateOptions, terminal: Terminal): Promise<number> {
  const { migrations } = await withBackend(options, terminal, (backend) => backend.inspect())
  if (migrations.version === null)
    throw new Error(`This role may not look into the schema "${options.schema}". Ask as its owner, or as the application's role.`)
  if (options.json === true) await terminal.printJson(migrations)
  else await terminal.print(describe(migrations, options.schema))
  return migrations.pending.length === 0 ? exitCodes.ok : exitCodes.pending
}

function describe({ version, latest, pending }: Inspection['migrations'], schema: string): string {
  const at = `The schema "${schema}" is at version ${version}, this release works with ${latest}`
  if (pending.length > 0) return `${at}. Pending: ${pending.join(', ')}. Run: trunkline migrate`
  return (version ?? 0) > latest ? `${at}: a newer release has migrated it. Update the packages.` : `${at}: nothing is pending.`
}
