/** The middle one; of two in the middle, their mean. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** What each run of one side came to, against the run of the other that stood next to it. */
export function ratios(values: readonly number[], to: readonly number[]): readonly number[] {
  return values.map((value, run) => value / (to[run] ?? Number.NaN))
}
