import { type AnyEvents, createTrunkline, type Retention, type Trunkline } from '@trunkline/core'
import { postgres, type PostgresBackend, type PostgresTransaction } from '@trunkline/postgres'

import type { Command } from 'commander'

import { UsageError } from '../exit-codes.ts'
import type { Io, Terminal } from '../terminal.ts'

/** Where the log is, as every command takes it. */
export interface DatabaseOptions {
  readonly url?: string
  readonly schema: string
}

/** Adds `--url` and `--schema`. */
export function withDatabase(command: Command): Command {
  return command
    .option('--url <url>', 'the database: postgres://user:password@host:5432/database (default: the variable DATABASE_URL)')
    .option('--schema <name>', 'the schema of the log', 'trunkline')
}

/** The URL of the database that was asked for. */
export function databaseUrl({ url }: Pick<DatabaseOptions, 'url'>, { env }: Io): string {
  const found = url ?? env['DATABASE_URL']
  if (found) return found
  throw new UsageError(
    'No database was named. Set DATABASE_URL, or pass --url. Example: --url postgres://user:password@localhost:5432/database',
  )
}

/** Works with the log's tables and closes the connections afterwards, whatever happened. Ends early on Ctrl-C. */
export async function withBackend<T>(
  options: DatabaseOptions,
  terminal: Terminal,
  work: (backend: PostgresBackend) => Promise<T>,
): Promise<T> {
  const backend = postgres({
    url: databaseUrl(options, terminal.io),
    schema: options.schema,
    poolSize: 2,
    // The command does not know what the application decided. Its processes read the rows instead.
    detailInNotify: false,
  })
  try {
    return await terminal.untilInterrupted(work(backend))
  } finally {
    const closed = backend.store.close?.()
    // Ctrl-C does not wait for a database that does not answer.
    if (!terminal.signal.aborted) await closed
  }
}

/** A trunkline that was never started: it publishes and looks things up. It does not listen, sweep the outbox, or prune by itself. */
export type Idle = Trunkline<AnyEvents, PostgresTransaction>

/** {@link withBackend} with a trunkline on it. `retention` is what its prune() goes by. */
export function withTrunkline<T>(
  options: DatabaseOptions,
  terminal: Terminal,
  work: (trunkline: Idle, backend: PostgresBackend) => Promise<T>,
  retention: Retention = false,
): Promise<T> {
  return withBackend(options, terminal, async (backend) => {
    const trunkline: Idle = createTrunkline({ ...backend, retention })
    try {
      return await work(trunkline, backend)
    } finally {
      await trunkline.stop({ graceMs: 0 })
    }
  })
}
