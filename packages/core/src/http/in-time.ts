import { TrunklineError } from '../errors.ts'
import { isThenable, type MaybePromise } from '../hooks.ts'

/**
 * The answer of code that is not ours, or a rejection with `hook_failed` when it takes longer than `ms`: a session store that hangs must
 * not hold requests for ever.
 */
export function inTime<T>(what: string, ms: number, answer: MaybePromise<T>): MaybePromise<T> {
  if (!isThenable(answer)) return answer
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new TrunklineError('hook_failed', `${what} gave no answer within ${ms} ms (hookTimeoutMs).`))
    const timer = setTimeout(late, ms)
    Promise.resolve(answer)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}
