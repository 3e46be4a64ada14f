import { parseArgs } from 'node:util'

import type { Row } from './row.ts'

/** What was asked for on the command line. */
export interface Arguments {
  readonly rows: readonly Row[]
  readonly quick: boolean
  readonly resume: boolean
  readonly report: boolean
  readonly help: boolean
  readonly soakMinutes: number
}

/** How it is called. */
export function usage(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length))
  return `Usage: pnpm bench [row …] [options]

Compares Trunkline with what one would otherwise use, on the same work in the same run. Without a row: all of them, one after the
other, which takes about half an hour on two cores. Nothing else should run meanwhile.

${rows.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n')}

  --quick             a few rows, for a few seconds each; writes nothing, fails only when something is far off
  --resume            leaves out the rows that were measured already for this commit
  --report            writes docs/benchmarks.md and its charts anew; alone it measures nothing
  --soak-minutes <n>  how long the soak goes on, instead of 10 minutes
  --help

  DATABASE_URL=…      your PostgreSQL instead of one from npm; databases named trunkline_bench_… are made in it and dropped
  BENCH_NODE_FLAGS=…  flags for the processes that are measured, --cpu-prof for instance

Results are in bench/results, one JSON file for each row.`
}

/** What was asked for, or what is wrong with it. */
export function readArguments(args: readonly string[], rows: readonly Row[]): Arguments | string {
  const options = {
    quick: { type: 'boolean', default: false },
    resume: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
    'soak-minutes': { type: 'string', default: '10' },
  } as const
  let parsed
  try {
    // pnpm hands on the -- that separates its arguments from ours.
    parsed = parseArgs({ args: args.filter((argument) => argument !== '--'), options, allowPositionals: true })
  } catch (error) {
    return (error as Error).message // parseArgs throws TypeErrors
  }
  const { values, positionals } = parsed
  const unknown = positionals.find((name) => rows.every((row) => row.name !== name))
  if (unknown !== undefined) return `There is no row "${unknown}".`
  const soakMinutes = Number(values['soak-minutes'])
  if (!(soakMinutes > 0)) return `--soak-minutes must be a number above 0, got "${values['soak-minutes']}".`
  const { quick, resume, report, help } = values
  const named = rows.filter(({ name }) => positionals.includes(name))
  const all = report && positionals.length === 0 && !quick && !resume ? [] : rows.filter((row) => !quick || row.quick === true)
  return { rows: named.length > 0 ? named : all, quick, resume, report, help, soakMinutes }
}
