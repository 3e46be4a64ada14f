import { html, type Html } from '../html.ts'
import type { Series } from './series.ts'
import { duration } from './units.ts'

const [width, height] = [360, 64]

/** One chart. */
export interface ChartOptions {
  readonly title: string
  readonly series: Series
  /** A value with its unit. */
  readonly format: (value: number) => string
}

/*
 * Drawn here, as SVG without a style of its own: so it is there without a script, stands up to the strict policy, and prints. A chart
 * library needs the first, and inline styles besides.
 */

/** A value over time: what it is now, the most it was, and a line. Read out as a sentence. Nothing, where nothing was ever known. */
export function chart({ title, series: { values, spanMs }, format }: ChartOptions): Html | null {
  const known = values.filter((value) => value !== null)
  const now = known.at(-1)
  if (now === undefined) return null
  const most = Math.max(0, ...known)
  const span = duration(spanMs)
  return html`<figure class="card chart">
    <figcaption>
      <span class="soft">${title}</span>
      <b>${format(now)}</b>
    </figcaption>
    <svg
      viewBox="0 0 ${width} ${height}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${title} over the last ${span}: ${format(now)} now, ${format(most)} at most"
    >
      ${stretches(values).map((stretch) => line(stretch, most, values.length))}
    </svg>
    <p class="soft scale" aria-hidden="true"><span>${span} ago</span><span>at most ${format(most)}</span><span>now</span></p>
  </figure>`
}

type Point = readonly [step: number, value: number]

/** Where nothing is known there is a gap, and no line across it. */
function stretches(values: Series['values']): readonly (readonly Point[])[] {
  const found: Point[][] = [[]]
  for (const [step, value] of values.entries()) {
    if (value !== null) found.at(-1)?.push([step, value])
    else if (found.at(-1)?.length !== 0) found.push([])
  }
  return found.filter((stretch) => stretch.length > 0)
}

function line(stretch: readonly Point[], most: number, steps: number): Html {
  const x = (step: number): string => ((step / (steps - 1)) * width).toFixed(1)
  // A little above the bottom, so that a line at zero is seen.
  const y = (value: number): string => (height - 2 - (most === 0 ? 0 : (value / most) * (height - 6))).toFixed(1)
  const path = stretch.map(([step, value]) => `${x(step)},${y(value)}`).join(' L')
  const [first, last] = [stretch[0] as Point, stretch.at(-1) as Point]
  // One moment alone would be a point without length.
  const start = x(stretch.length === 1 ? Math.max(0, first[0] - 1) : first[0])
  return html`<path class="under" d="M${start},${height} L${start},${y(first[1])} L${path} L${x(last[0])},${height} Z" /><path
      class="line"
      d="M${start},${y(first[1])} L${path}"
      vector-effect="non-scaling-stroke"
    />`
}
