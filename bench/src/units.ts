import type { Runs } from './alternate.ts'
import type { Measurement } from './row.ts'

/** Measurements of microseconds, one for each side. */
export function cpuOf(what: string, runs: Runs<string>): readonly Measurement[] {
  return measurementsOf(what, 'µs', runs)
}

/** One for each side. */
export function measurementsOf(what: string, unit: string, runs: Runs<string>): readonly Measurement[] {
  return Object.entries(runs).map(([side, values]) => ({ side, what, unit, values }))
}
