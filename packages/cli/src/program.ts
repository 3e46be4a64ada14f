import { readFileSync } from 'node:fs'
import { Command } from 'commander'

import { addDoctor } from './commands/doctor.ts'
import { addMigrate } from './commands/migrate.ts'
import { addPrune } from './commands/prune.ts'
import { addPublish } from './commands/publish.ts'
import { addReplay } from './commands/replay.ts'
import { addStats } from './commands/stats.ts'
import { addTail } from './commands/tail.ts'
import { examples } from './options/examples.ts'
import { hasColors, type Terminal } from './terminal.ts'

/** Tells what the command ends with. */
export type End = (exitCode: number) => void

/** The command line: which commands there are, and how help and errors look. */
export function createProgram(terminal: Terminal, end: End): Command {
  const { stdout, stderr, env } = terminal.io
  const program = new Command('trunkline')
    .description('Looks after a Trunkline log in PostgreSQL. The database is DATABASE_URL, or --url of each command.')
    .version(version(), '-V, --version')
    .exitOverride()
    .showHelpAfterError('(--help shows all options, with examples)')
    .configureHelp({ styleTitle: (title) => (hasColors(stdout, env) ? terminal.paint('bold', title) : title) })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHasColors: () => hasColors(stdout, env),
      getErrHasColors: () => hasColors(stderr, env),
      outputError: (text, write) => write(text.replace(/^error:/, terminal.paintAside('red', 'error:'))),
    })
    .addHelpText(
      'after',
      examples(
        ['trunkline migrate', 'makes or updates the tables'],
        ['trunkline doctor --url https://example.com/realtime/sse', 'is everything as it should be?'],
        ['trunkline tail --since 10m', 'follows the events, as tail -f does a file'],
        [`trunkline publish task_complete '{"task_id": 123}' --user 42`, 'publishes one'],
      ),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 migrations are pending (migrate --status), 130 Ctrl-C.',
    )
  addMigrate(program, terminal, end)
  addDoctor(program, terminal, end)
  addTail(program, terminal)
  addPublish(program, terminal)
  addReplay(program, terminal)
  addPrune(program, terminal)
  addStats(program, terminal)
  return program
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string }
  return manifest.version
}
