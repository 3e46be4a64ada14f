/** Lets others go first: what waits on timers and sockets comes before this resolves. */
export function pause(ms: number = 0): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

/** Resolves when a condition holds. Has no end of its own but the case's: `signal` is aborted when that is over. */
export async function until(condition: () => boolean, signal: AbortSignal): Promise<void> {
  while (!condition()) {
    signal.throwIfAborted()
    await pause(1)
  }
}
