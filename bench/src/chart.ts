/** A bar, with the spread of its runs. */
export interface Bar {
  readonly label: string
  readonly value: number
  readonly low: number
  readonly high: number
  /** As it is written beside it. */
  readonly figure: string
  readonly isOurs: boolean
}

const width = 760
const labelWidth = 270
const figureWidth = 90
const barHeight = 18
const step = 28
const top = 52

/** Bars from left to right, readable on light and on dark pages. A line across the end of each says where its runs lay. */
export function barChart(title: string, unit: string, bars: readonly Bar[]): string {
  const longest = Math.max(...bars.map(({ high }) => high))
  const scale = (value: number): number => (value / longest) * (width - labelWidth - figureWidth)
  const height = top + bars.length * step + 10
  const drawn = bars.map(({ label, value, low, high, figure, isOurs }, index) => {
    const y = top + index * step
    const middle = y + barHeight / 2
    const [from, to, end] = [low, high, value].map((at) => (labelWidth + scale(at)).toFixed(1))
    return `  <text x="${labelWidth - 10}" y="${middle + 4}" text-anchor="end"${isOurs ? ' font-weight="bold"' : ''}>${escape(label)}</text>
  <rect class="${isOurs ? 'ours' : 'other'}" x="${labelWidth}" y="${y}" width="${scale(value).toFixed(1)}" height="${barHeight}" rx="2"/>
  <line class="spread" x1="${from}" y1="${middle}" x2="${to}" y2="${middle}"/>
  <text x="${Math.max(Number(end), Number(to)) + 8}" y="${middle + 4}">${escape(figure)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">
  <style>
    text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-size: 15px; font-weight: 600 } .unit { fill: #656d76 }
    .ours { fill: #1a7f64 } .other { fill: #9aa4af } .spread { stroke: #1f2328; stroke-width: 1.5 }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .unit { fill: #8d96a0 } .ours { fill: #3fb594 } .other { fill: #6e7781 } .spread { stroke: #e6edf3 } }
  </style>
  <text class="title" x="10" y="20">${escape(title)}</text>
  <text class="unit" x="10" y="39">${escape(unit)}</text>
${drawn.join('\n')}
</svg>
`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
