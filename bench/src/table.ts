import type { Claim, Findings } from './row.ts'
import { median } from './statistics.ts'

/** What came of a claim. `not asked` has no bound. */
export type Verdict = 'reached' | 'missed' | 'not asked'

/** Holds the median against the bound: the row's own, or the wide one of `--quick`. */
export function verdictOf({ values, atMost, atLeast, quick }: Claim, bounds: 'full' | 'quick' = 'full'): Verdict {
  const isWide = bounds === 'quick'
  const upper = isWide ? (atMost === undefined ? undefined : quick) : atMost
  const lower = isWide ? (atLeast === undefined ? undefined : quick) : atLeast
  if (upper === undefined && lower === undefined) return 'not asked'
  const value = median(values)
  return value <= (upper ?? Number.POSITIVE_INFINITY) && value >= (lower ?? Number.NEGATIVE_INFINITY) ? 'reached' : 'missed'
}

/** Everything a row found, to be read in a terminal. */
export function tableOf({ measurements, claims, notes = [] }: Findings): string {
  const measured = [
    ['', 'median', 'spread', ''],
    ...measurements.map(({ side, what, unit, values }) => [side, figure(median(values)), spreadOf(values), `${unit}, ${what}`]),
  ]
  const claimed = [
    ['', 'median', 'spread', 'asked'],
    ...claims.map((claim) => [
      claim.what,
      figureOf(claim),
      spreadOf(claim.values),
      `${askedOf(claim)} ${said[verdictOf(claim)]}`,
    ]),
  ]
  return [columns(measured), columns(claimed), ...notes].join('\n\n')
}

/** The median of a claim, with its unit. */
export function figureOf({ values, unit }: Claim): string {
  return `${figure(median(values))}${unit === undefined ? '' : ` ${unit}`}`
}

/** The bound of a claim. */
export function askedOf({ atMost, atLeast, unit = '' }: Claim): string {
  if (atMost !== undefined) return `≤ ${figure(atMost)} ${unit}`.trim()
  return atLeast === undefined ? '' : `≥ ${figure(atLeast)} ${unit}`.trim()
}

/** From the lowest to the highest; empty for a single value. */
export function spreadOf(values: readonly number[]): string {
  return values.length < 2 ? '' : `${figure(Math.min(...values))} – ${figure(Math.max(...values))}`
}

/** Three digits, and no more than a reader can use. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}

const said: Readonly<Record<Verdict, string>> = { reached: '✓', missed: '✗ missed', 'not asked': '' }

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
