import { fine, type Note, notes } from './notes.ts'
import type { Outcome } from './scene.ts'
import { spoken } from './spoken.ts'

/** A line of the table, cell by cell. The first one is the client's name. */
export type Row = readonly string[]

const columns = {
  events: 'all kinds of events',
  broken: 'cut in an event',
  restart: 'server restarted',
  busy: 'told 503',
  refused: 'refused',
  frames: 'other frames',
} as const satisfies Record<Note['column'], string>

const all = Object.keys(spoken).length
const keys = Object.keys(columns) as readonly Note['column'][]

/** The lines of a client: dialects in which all went alike share one. */
export function rowsOf(name: string, outcomes: readonly Outcome[]): readonly Row[] {
  const groups = new Map<string, { readonly dialects: string[]; readonly cells: Row }>()
  for (const outcome of outcomes) {
    const cells = keys.map((column) => cellOf(outcome, column))
    const group = groups.get(cells.join('|')) ?? { dialects: [], cells }
    group.dialects.push(outcome.story.dialect)
    groups.set(cells.join('|'), group)
  }
  return [...groups.values()].map(({ dialects, cells }) => [
    name,
    dialects.length === all ? 'all four' : dialects.join(', '),
    ...cells,
  ])
}

/** As markdown, with the reasons under it. */
export function tableOf(rows: readonly Row[]): string {
  const titles = ['client', 'dialect', ...keys.map((key) => columns[key])]
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: Row): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`
  const reasons = notes.map(({ because }, index) => `${index + 1}. ${because}\n`)
  return `\n${line(titles)}${line(widths.map((width) => '-'.repeat(width)))}${rows.map(line).join('')}\n${reasons.join('')}\n`
}

/** What {@link tableOf} has made, read again. */
export function readRows(table: string): readonly Row[] {
  const lines = table.split('\n').filter((line) => line.startsWith('| '))
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

/** What it was, with the number of the reason. */
function cellOf(outcome: Outcome, column: Note['column']): string {
  const { client, dialect } = outcome.story
  const says = outcome[column]
  const index = notes.findIndex(
    (note) =>
      note.column === column &&
      note.says === says &&
      (note.clients?.includes(client) ?? true) &&
      (note.dialects?.includes(dialect) ?? true),
  )
  if (index === -1 && !fine.includes(says)) return `${says} (no reason!)`
  return index === -1 ? says : `${says} (${index + 1})`
}
