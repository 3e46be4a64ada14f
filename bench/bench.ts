// `pnpm bench`: measures rows, prints what came out, and writes it down.
import { readArguments, usage } from './src/arguments.ts'
import { openBench } from './src/open-bench.ts'
import { isAboutThis, readResult, resultOf, writeResult } from './src/results.ts'
import { loadRows } from './src/rows.ts'
import { tableOf, verdictOf } from './src/table.ts'
import { writeDocs } from './src/docs.ts'

const rows = await loadRows()
const given = readArguments(process.argv.slice(2), rows)
if (typeof given === 'string') {
  console.error(`${given}\n\n${usage(rows)}`)
  process.exit(2)
}
if (given.help) {
  console.log(usage(rows))
  process.exit()
}

let isMissed = false
for (const row of given.rows) {
  if (given.resume && isAboutThis(await readResult(row.name))) {
    console.log(`${row.name}: measured already, for this commit`)
    continue
  }
  await using bench = openBench(row.name, given)
  const began = performance.now()
  const findings = await row.measure(bench)
  bench.clear()
  console.log(
    `\n${row.title} (pnpm bench ${row.name}, ${((performance.now() - began) / 1_000).toFixed(0)} s)\n\n${tableOf(findings)}\n`,
  )
  if (given.quick) isMissed ||= findings.claims.some((claim) => verdictOf(claim, 'quick') === 'missed')
  else await writeResult(resultOf(row, findings))
}
if (given.report) await writeDocs(rows)
if (isMissed) {
  console.error('Far from what it was: a row has missed even the wide bounds of --quick. `pnpm bench <row>` measures it in full.')
  process.exitCode = 1
}
