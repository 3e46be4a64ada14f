import { Histogram } from './histogram.ts'

const milliseconds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 30_000]

/** What is measured rather than counted. */
export interface Measures {
  readonly flushEvents: Histogram
  readonly flushMs: Histogram
  readonly latencyMs: Histogram
}

/** Nothing measured yet. */
export function createMeasures(): Measures {
  return {
    flushEvents: new Histogram([1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]),
    flushMs: new Histogram(milliseconds),
    latencyMs: new Histogram(milliseconds),
  }
}
