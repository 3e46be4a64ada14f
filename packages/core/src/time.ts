import { TrunklineError } from './errors.ts'

/** Stops what was started. */
export type Cancel = () => void

/** Calls `task` again and again. Does not keep a process alive by itself. */
export function every(ms: number, task: () => void): Cancel {
  const timer = setInterval(task, ms)
  letGo(timer)
  return () => clearInterval(timer)
}

/** The longest a timer can wait, in milliseconds: one that is set for later fires at once. */
const longestTimer = 2 ** 31 - 1

/** Calls `task` at a moment, at once when that has passed. Does not keep a process alive by itself. */
export function at(moment: Date, task: () => void): Cancel {
  let timer: ReturnType<typeof setTimeout>
  const wait = (): void => {
    const left = moment.getTime() - Date.now()
    timer = setTimeout(left > longestTimer ? wait : task, Math.max(0, Math.min(left, longestTimer)))
    letGo(timer)
  }
  wait()
  return () => clearTimeout(timer)
}

/** Resolves after a while, or at once when `signal` is aborted. Does not keep a process alive by itself. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    letGo(timer)
    signal.addEventListener('abort', done)
  })
}

/** Resolves when what had already come to this process was dealt with: at once where the runtime can say when, else a millisecond later. */
export function nextTurn(): Promise<void> {
  const { setImmediate = setTimeout } = globalThis as { readonly setImmediate?: (task: () => void) => unknown }
  return new Promise((resolve) => setImmediate(resolve))
}

/** The promise's outcome, or a rejection once `ms` have passed: nothing here waits for ever. */
export function within<T>(ms: number, what: string, promise: PromiseLike<T>): Promise<T> {
  return orLate(ms, promise, () => {
    return new TrunklineError('store_unavailable', `${what} gave no answer within ${ms} ms. Its outcome is not known.`)
  })
}

/** The promise's outcome, or a rejection with what `late` says once `ms` have passed. */
export function orLate<T>(ms: number, promise: PromiseLike<T>, late: () => TrunklineError): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms)
    Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}

/**
 * Pauses between attempts, in milliseconds: full jitter below a bound that doubles from `minMs` to `maxMs`, so that many who fail
 * together do not come back together. With 100 and 2,000: up to 100, 200, 400, 800, 1,600, 2,000, 2,000, …
 */
export function backoffMs(attempt: number, minMs: number, maxMs: number): number {
  return Math.random() * Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30))
}

/** Node's timers keep the process alive unless told not to; a browser's or a worker's are plain numbers. */
function letGo(timer: unknown): void {
  ;(timer as { readonly unref?: () => void }).unref?.()
}
