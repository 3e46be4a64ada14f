// Taken at once: a test that fakes timers later on fakes the application's, and not how long the harness waits for it.
const { setTimeout, clearTimeout } = globalThis

/** Calls `task` after so many milliseconds of real time. Returns the way to call it off. */
export function after(ms: number, task: () => void): () => void {
  const timer = setTimeout(task, ms)
  return () => clearTimeout(timer)
}
