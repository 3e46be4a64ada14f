import { mkdir, readFile, writeFile } from 'node:fs/promises'

import { barChart } from './chart.ts'
import { readResult, type Result } from './results.ts'
import type { Measurement, Row } from './row.ts'
import { median } from './statistics.ts'
import { askedOf, figure, figureOf, spreadOf, verdictOf } from './table.ts'

const page = new URL('../../docs/benchmarks.md', import.meta.url)
const charts = new URL('../../docs/benchmarks/', import.meta.url)

/** Puts the results into docs/benchmarks.md, between its marks, and draws the charts. What is written by hand there stays. */
export async function writeDocs(rows: readonly Row[]): Promise<void> {
  await mkdir(charts, { recursive: true })
  const text = await readPage()
  const { content, drawings } = await documentsOf(rows, text)
  for (const [name, svg] of Object.entries(drawings)) await writeFile(new URL(name, charts), svg)
  await writeFile(page, content)
}

/** docs/benchmarks.md as it is. */
export function readPage(): Promise<string> {
  return readFile(page, 'utf8')
}

/** The page with the results in it, and the charts by file name. */
export async function documentsOf(
  rows: readonly Row[],
  text: string,
): Promise<{ readonly content: string; readonly drawings: Readonly<Record<string, string>> }> {
  const results = await Promise.all(rows.map(async (row) => ({ row, result: await readResult(row.name) })))
  const measured = results.flatMap(({ row, result }) => (result === null ? [] : [{ row, result }]))
  const drawings = Object.fromEntries(
    measured.flatMap(({ row, result }) => {
      const drawn = drawingOf(row, result)
      return drawn === null ? [] : [[`${row.name}.svg`, drawn]]
    }),
  )
  let content = replace(text, 'machine', machineOf(measured.map(({ result }) => result)))
  content = replace(content, 'summary', summaryOf(measured))
  for (const { row, result } of measured)
    content = replace(content, row.name, sectionOf(row, result, `${row.name}.svg` in drawings))
  return { content, drawings }
}

function replace(text: string, name: string, content: string): string {
  const begin = `<!-- bench: ${name} -->`
  const end = `<!-- /bench: ${name} -->`
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from === -1 || to === -1) throw new Error(`docs/benchmarks.md has no ${begin} … ${end} for the results.`)
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`
}

function machineOf(results: readonly Result[]): string {
  if (results.length === 0) return 'Nothing was measured yet.'
  const machines = new Set(
    results.map(
      ({ machine: { node, cpu, cores, memoryGb, system } }) =>
        `${cores} cores of an ${cpu}, ${memoryGb} GB, ${system}, Node.js ${node.slice(1)}`,
    ),
  )
  const days = [...new Set(results.map(({ measuredAt }) => measuredAt.slice(0, 10)))].toSorted()
  return `Measured on ${[...machines].join('; ')}; ${days.join(', ')}.`
}

function summaryOf(measured: readonly { readonly row: Row; readonly result: Result }[]): string {
  const lines = measured.flatMap(({ row, result }) =>
    result.claims.map((claim) => {
      const verdict = { reached: 'yes', missed: '**no**', 'not asked': '' }[verdictOf(claim)]
      return `| [${row.title}](#${anchorOf(row.title)}) | ${claim.what} | ${askedOf(claim)} | ${figureOf(claim)} | ${spreadOf(claim.values)} | ${verdict} |`
    }),
  )
  return ['| work | what | asked | median | spread | reached |', '| --- | --- | --- | --- | --- | --- |', ...lines].join('\n')
}

function sectionOf(row: Row, { measurements, notes = [] }: Result, hasChart: boolean): string {
  const lines = measurements.map(
    ({ side, what, unit, values }) => `| ${side} | ${what} | ${figure(median(values))} ${unit} | ${spreadOf(values)} |`,
  )
  return [
    row.question,
    `${row.method} \`pnpm bench ${row.name}\`.`,
    ...(hasChart ? [`![${row.title}](benchmarks/${row.name}.svg)`] : []),
    ['| side | what | median | spread |', '| --- | --- | --- | --- |', ...lines].join('\n'),
    ...notes,
  ].join('\n\n')
}

/** The first thing that was measured of more than one side. */
function drawingOf({ title }: Row, { measurements }: Result): string | null {
  const [first] = measurements
  const bars = measurements.filter(({ what }) => what === first?.what)
  if (first === undefined || bars.length < 2) return null
  return barChart(title, `${first.what}, ${first.unit}`, bars.map(barOf))
}

function barOf({ side, values }: Measurement) {
  const value = median(values)
  const isOurs = side.startsWith('Trunkline') || side.startsWith('publish')
  return { label: side, value, low: Math.min(...values), high: Math.max(...values), figure: figure(value), isOurs }
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 ]/g, '')
    .replaceAll(' ', '-')
}
