import { postgres } from '@trunkline/postgres'
import { type Command, Option } from 'commander'

import { checkDatabase } from '../doctor/database.ts'
import type { Finding } from '../doctor/finding.ts'
import { checkStream } from '../doctor/stream.ts'
import { exitCodes, UsageError } from '../exit-codes.ts'
import { databaseUrl } from '../options/database.ts'
import { examples } from '../options/examples.ts'
import { headersOf } from '../options/headers.ts'
import { collect, parseDuration } from '../options/values.ts'
import type { End } from '../program.ts'
import type { Style, Terminal } from '../terminal.ts'

interface DoctorOptions {
  readonly url?: readonly string[]
  readonly listenUrl?: string
  readonly schema: string
  readonly header?: readonly string[]
  readonly cookie?: string
  readonly timeout: number
  readonly watch?: number
  readonly json?: boolean
}

const styles: Readonly<Record<Finding['state'], Style>> = { ok: 'green', warning: 'yellow', wrong: 'red' }

export function addDoctor(program: Command, terminal: Terminal, end: End): void {
  program
    .command('doctor')
    .description('finds out what is wrong with the database or with the public URL, and says the line that cures it')
    .option(
      '--url <url>',
      'what to look at; may be repeated. http(s)://… is the public URL of a stream, postgres://… the database (default: DATABASE_URL)',
      collect,
    )
    .option('--listen-url <url>', "the application's listenUrl, when the database's URL leads through a pooler")
    .option('--schema <name>', 'the schema of the log', 'trunkline')
    .option('--header <header>', "sent to the public URL; may be repeated. Example: 'authorization: Bearer TOKEN'", collect)
    .option('--cookie <cookie>', "sent to the public URL. Example: 'session=VALUE'")
    .addOption(
      new Option('--timeout <duration>', 'how long what should come at once may take')
        .argParser(parseDuration)
        .default(10_000, '10s'),
    )
    .option('--watch <duration>', 'how long to watch for a proxy that cuts (default: until the first heartbeat)', parseDuration)
    .option('--json', 'print JSON: all findings')
    .addHelpText(
      'after',
      '\nWithout a database only the public URL is looked at. Changes nothing. Exit code 1 when something is wrong.',
    )
    .addHelpText(
      'after',
      examples(
        ['trunkline doctor', 'the database of DATABASE_URL'],
        ['trunkline doctor --url https://example.com/realtime/sse --cookie session=VALUE', 'and what browsers get'],
        ['trunkline doctor --url https://example.com/realtime/sse --watch 5m', 'does a proxy cut long streams?'],
      ),
    )
    .action(async (options: DoctorOptions) => {
      const found: Finding[] = []
      terminal.progress('looking …')
      for await (const finding of examine(options, terminal)) {
        terminal.progress('')
        found.push(finding)
        if (options.json !== true) await tell(finding, terminal)
        terminal.progress('looking …')
      }
      terminal.progress('')
      const isWell = found.every(({ state }) => state !== 'wrong')
      if (options.json === true) await terminal.printJson({ ok: isWell, findings: found })
      if (!isWell) end(exitCodes.failed)
    })
}

async function* examine(options: DoctorOptions, terminal: Terminal): AsyncGenerator<Finding, void, undefined> {
  const { databases, streams } = sort(options.url ?? [])
  const headers = headersOf(options)
  if (databases.length > 0 || terminal.io.env['DATABASE_URL'] || streams.length === 0) {
    const [named] = databases
    const url = databaseUrl(named === undefined ? {} : { url: named }, terminal.io)
    yield* examineDatabase(url, options, terminal)
  }
  for (const url of streams) {
    const { timeout: patienceMs, watch: watchMs } = options
    const findings = checkStream({ url, headers, patienceMs, watchMs, signal: terminal.signal })
    yield* untilInterrupted(findings, terminal)
  }
}

/** Which of the URLs are which: the beginning tells. */
function sort(urls: readonly string[]): { readonly databases: readonly string[]; readonly streams: readonly URL[] } {
  const databases = urls.filter((url) => /^postgres(ql)?:/.test(url))
  const streams = urls.filter((url) => /^https?:\/\//.test(url) && URL.canParse(url)).map((url) => new URL(url))
  if (databases.length > 1 || databases.length + streams.length < urls.length) {
    throw new UsageError(
      '--url takes one postgres://… and any number of http(s)://…. Example: --url postgres://user:password@localhost:5432/database --url https://example.com/realtime/sse',
    )
  }
  return { databases, streams }
}

async function* examineDatabase(
  url: string,
  { schema, listenUrl }: DoctorOptions,
  terminal: Terminal,
): AsyncGenerator<Finding, void, undefined> {
  const backend = postgres({ url, listenUrl, schema, poolSize: 1 })
  try {
    yield* untilInterrupted(checkDatabase(backend, schema), terminal)
  } finally {
    const closed = backend.store.close?.()
    // Ctrl-C does not wait for a database that does not answer.
    if (!terminal.signal.aborted) await closed
  }
}

async function* untilInterrupted<T>(
  items: AsyncGenerator<T, void, undefined>,
  terminal: Terminal,
): AsyncGenerator<T, void, undefined> {
  for (;;) {
    const { done, value } = await terminal.untilInterrupted(items.next())
    if (done === true) return
    yield value
  }
}

async function tell({ check, state, found, cure }: Finding, terminal: Terminal): Promise<void> {
  await terminal.print(`${terminal.paint(styles[state], state.padEnd(7))}  ${terminal.paint('bold', check.padEnd(18))}  ${found}`)
  if (cure !== undefined) await terminal.print(`${' '.repeat(9)}${terminal.paint('cyan', 'cure:')} ${cure}`)
}
