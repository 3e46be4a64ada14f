/** The middle one; the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Whole milliseconds, for a line of output. */
export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`
}
