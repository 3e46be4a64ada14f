import { setTimeout as pause } from 'node:timers/promises'

import { build } from 'hdr-histogram-js'

/** Milliseconds. */
export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** How often, and how many times. */
export interface Load {
  readonly perSecond: number
  readonly calls: number
}

/**
 * Latency under a load that does not wait for answers: every call has its moment, and its time counts from there, so that a stall is
 * felt by all who would have called during it (what else is called coordinated omission). `call` resolves when what it caused has come;
 * it may start its clock itself, when what it does at first is not asked about.
 */
export async function latencyOf(call: (startClock: () => void) => Promise<void>, { perSecond, calls }: Load): Promise<Latency> {
  // Microseconds, up to a minute.
  const histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 })
  const gapMs = 1_000 / perSecond
  const began = performance.now()
  const underway: Promise<void>[] = []
  for (let n = 0; n < calls; n++) {
    const moment = began + n * gapMs
    const early = moment - performance.now()
    if (early > 0) await pause(early)
    // A timer fires up to a millisecond late, on both sides: not what is asked about. Later than that is a stall, and counts.
    let from = performance.now() - moment < 2 ? performance.now() : moment
    const done = call(() => (from = performance.now()))
    underway.push(done.then(() => histogram.recordValue(Math.max(1, Math.round((performance.now() - from) * 1_000)))))
  }
  await Promise.all(underway)
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / 1_000
  return { p50: at(50), p99: at(99), max: histogram.maxValue / 1_000 }
}
