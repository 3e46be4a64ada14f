import { TrunklineError } from '../errors.ts'
import { isThenable, type MaybePromise } from '../hooks.ts'
import { orLate } from '../time.ts'

/**
 * The answer of code that is not ours, or a rejection with `hook_failed` when it takes longer than `ms`: a session store that hangs must
 * not hold requests for ever.
 */
export function inTime<T>(what: string, ms: number, answer: MaybePromise<T>): MaybePromise<T> {
  if (!isThenable(answer)) return answer
  return orLate(ms, answer, () => new TrunklineError('hook_failed', `${what} gave no answer within ${ms} ms (hookTimeoutMs).`))
}
