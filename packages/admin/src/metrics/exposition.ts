import type { HistogramStats } from '@trunkline/core'

/** One value of a metric. */
export interface Sample {
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

/** A metric with its values. */
export type Metric = {
  /** Without the prefix `trunkline_`. */
  readonly name: string
  readonly help: string
} & (
  | { readonly type: 'counter' | 'gauge'; readonly samples: readonly Sample[] }
  /** `divisor`: what values are divided by, to be in the base unit that Prometheus asks for. */
  | { readonly type: 'histogram'; readonly histogram: HistogramStats; readonly divisor: number }
)

/** Prometheus's text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function expose(metrics: readonly Metric[]): string {
  return metrics.flatMap(linesOf).join('')
}

function linesOf(metric: Metric): readonly string[] {
  const name = `trunkline_${metric.name}`
  const samples =
    metric.type === 'histogram'
      ? histogramLines(name, metric.histogram, metric.divisor)
      : metric.samples.map((sample) => line(name, sample))
  if (samples.length === 0) return []
  return [`# HELP ${name} ${escapeHelp(metric.help)}\n`, `# TYPE ${name} ${metric.type}\n`, ...samples]
}

/** Buckets are cumulative: each has everything that is at most its bound. */
function histogramLines(name: string, { bounds, counts, sum }: HistogramStats, divisor: number): readonly string[] {
  let count = 0
  const buckets = counts.map((inBucket, index) => {
    count += inBucket
    const bound = bounds[index]
    const le = bound === undefined ? '+Inf' : String(bound / divisor)
    return line(`${name}_bucket`, { value: count, labels: { le } })
  })
  return [...buckets, line(`${name}_sum`, { value: sum / divisor }), line(`${name}_count`, { value: count })]
}

function line(name: string, { value, labels = {} }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}
