/** The time of a harness: it stands still until it is advanced. */
export interface HarnessClock {
  now(): Date
  /**
   * Moves the time, and deletes what is over the retention by then, as core does within two minutes. What is stored from now on is
   * stored at that time. Timers do not move with it: heartbeats, `expiresAt` and `hookTimeoutMs` are the runner's fake timers' business.
   */
  advance(ms: number): Promise<void>
}

/** A clock that stands where it is told to; `onAdvance` is called when it has moved. */
export function createClock(start: Date, onAdvance: () => Promise<void>): HarnessClock {
  let time = start.getTime()
  if (Number.isNaN(time)) throw new TypeError('now must be a valid Date.')
  return {
    now: () => new Date(time),
    async advance(ms) {
      if (!Number.isFinite(ms)) throw new TypeError(`advance takes a number of milliseconds, got ${ms}.`)
      time += ms
      await onAdvance()
    },
  }
}
