import { TrunklineError } from './errors.ts'
import type { HookEvent, TrunklineEvent } from './event/event.ts'
import { deepFreeze, toJsonText } from './event/json.ts'
import { checkType } from './event/names.ts'
import type { Report, Stage } from './report.ts'
import { Entry } from './tail/entry.ts'

/** A value now or later. */
export type MaybePromise<T> = T | Promise<T>

/** What a hook makes of an event: null drops it. */
export type HookOutcome = MaybePromise<HookEvent | null>

/** What {@link ask} answers for code that failed. */
export const failed: unique symbol = Symbol('failed')

interface Guard {
  readonly stage: Stage
  readonly timeoutMs: number
  readonly report: Report
  readonly eventId?: string
}

/**
 * The answer of code that is not ours. Whatever goes wrong (it throws, rejects, takes too long) is reported, and the answer is
 * `failed`, which every caller takes for a no. Stays synchronous when the code is.
 */
export function ask<T>(call: () => MaybePromise<T>, guard: Guard): MaybePromise<T | typeof failed> {
  try {
    const answer = call()
    return isThenable(answer) ? settle(Promise.resolve(answer), guard) : answer
  } catch (error) {
    tell(error, guard)
    return failed
  }
}

/** Runs a hook on its own unfrozen copy of an entry's event. The entry that comes of it; null when the event is dropped. */
export function transform(entry: Entry, hook: (event: HookEvent) => HookOutcome, guard: Guard): MaybePromise<Entry | null> {
  const named = { ...guard, eventId: entry.event.id }
  const answer = ask(() => hook(structuredClone(entry.event) as HookEvent), named)
  return isThenable(answer) ? answer.then((result) => changed(entry, result, named)) : changed(entry, answer, named)
}

function changed(entry: Entry, result: HookEvent | null | typeof failed, guard: Guard): Entry | null {
  if (result === null || result === failed) return null
  try {
    if (typeof result !== 'object')
      throw new TypeError(`it returned ${typeof result}: return the event to let it pass, null to drop it`)
    const type = result.type === entry.event.type ? entry.event.type : checkType(result.type)
    const detailJson = toJsonText(result.detail, 'The detail that the hook gave back')
    const event = deepFreeze({ ...entry.event, type, detail: JSON.parse(detailJson) as unknown }) as TrunklineEvent
    return new Entry(event, detailJson, entry.source, entry.position, entry.stored)
  } catch (error) {
    tell(error, guard)
    return null
  }
}

/** Whether a value has to be waited for. */
export function isThenable<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function settle<T>(answer: Promise<T>, guard: Guard): Promise<T | typeof failed> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      tell(new Error(`no answer within ${guard.timeoutMs} ms (hookTimeoutMs)`), guard)
      resolve(failed)
    }, guard.timeoutMs)
    answer
      .then(resolve, (error: unknown) => {
        tell(error, guard)
        resolve(failed)
      })
      .finally(() => clearTimeout(timer))
  })
}

function tell(cause: unknown, { stage, eventId, report }: Guard): void {
  const what = cause instanceof Error ? cause.message : String(cause)
  const error = new TrunklineError('hook_failed', `${stage} failed, which counts as no: ${what}`, { cause })
  report(error, eventId === undefined ? { stage } : { stage, eventId })
}
