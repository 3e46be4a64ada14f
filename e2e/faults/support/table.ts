import type { Tally } from './tally.ts'

/** What a case printed: its fault, its figures, and a word about what happened. */
export interface Result {
  readonly fault: string
  readonly tally: Tally
  readonly note: string
}

const columns: readonly (readonly [title: string, value: (result: Result) => string | number])[] = [
  ['fault', ({ fault }) => fault],
  ['committed', ({ tally }) => tally.committed],
  ['delivered', ({ tally }) => tally.delivered],
  ['streams', ({ tally }) => tally.streams],
  ['lost', ({ tally }) => tally.lost.length],
  ['duplicated', ({ tally }) => tally.duplicated.length],
  ['out of order', ({ tally }) => tally.outOfOrder.length],
  ['foreign', ({ tally }) => tally.foreign.length],
  ['resets', ({ tally }) => Object.values(tally.resets).flat().length],
  ['slowest ms', ({ tally }) => Math.round(tally.slowestMs)],
  ['what happened', ({ note }) => note],
]

/** One line for each case; words to the left, numbers to the right. */
export function table(results: readonly Result[]): string {
  const cells = columns.map(([title, value]) => {
    const values = results.map(value)
    const width = Math.max(title.length, ...values.map((cell) => String(cell).length))
    return [title, ...values].map((cell, line) => {
      const isNumber = typeof (line === 0 ? values[0] : cell) === 'number'
      return isNumber ? String(cell).padStart(width) : String(cell).padEnd(width)
    })
  })
  const lines = [...results.keys(), results.length].map((line) => cells.map((column) => column[line]).join('  '))
  return lines.map((line) => line.trimEnd()).join('\n')
}
