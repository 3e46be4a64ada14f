/** Runs tasks, at most a few at a time; the others wait their turn. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>

/** A limit of `max` tasks at a time. */
export function createLimit(max: number): Limit {
  let running = 0
  const waiting: (() => void)[] = []
  return async (task) => {
    if (running >= max) await new Promise<void>((turn) => waiting.push(turn))
    else running++
    try {
      return await task()
    } finally {
      // The turn goes straight to the next one, so that nobody slips in between.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
