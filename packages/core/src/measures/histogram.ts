/** How often a value was at most each of some bounds: plain numbers, to be formatted by whoever reads them. */
export interface HistogramStats {
  /** Upper bounds, inclusive, rising. */
  readonly bounds: readonly number[]
  /** How many values fell under each bound and above the one before; one more than there are bounds, for what was above all of them. */
  readonly counts: readonly number[]
  /** Of all values. */
  readonly sum: number
}

/** Counts values by size. Costs a few comparisons each, and no memory however many there are. */
export class Histogram {
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  /** Notes a value, as often as it came. */
  observe(value: number, times = 1): void {
    let bucket = 0
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] as number)) bucket++
    ;(this.#counts[bucket] as number) += times
    this.#sum += value * times
  }

  get stats(): HistogramStats {
    return { bounds: this.#bounds, counts: [...this.#counts], sum: this.#sum }
  }
}
