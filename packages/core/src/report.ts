import { TrunklineError } from './errors.ts'

/** Where in the house something failed that has no caller. */
export type Stage =
  | 'listen'
  | 'tail'
  | 'store'
  | 'onReceive'
  | 'beforeSend'
  | 'canRead'
  | 'identify'
  | 'subscriber'
  | 'connection'
  | 'prune'
  | 'track'
  | 'admin'

/** What is known about a failure. */
export interface ErrorContext {
  readonly stage: Stage
  readonly eventId?: string
}

/** Where failures without a caller go. */
export type Report = (error: unknown, context: ErrorContext) => void

/** Any logger of this shape. */
export interface Logger {
  debug(message: string, context?: object): void
  info(message: string, context?: object): void
  warn(message: string, context?: object): void
  error(message: string, context?: object): void
}

/**
 * The one road for failures without a caller: to `onError`, and to the log. With neither, to the console, because an error that
 * nobody sees is the worst one. An `onError` that throws harms nothing but itself.
 */
export function createReport(onError: Report | undefined, logger: Logger | undefined): Report {
  const tell: Report = (error, context) => {
    logger?.error(`${context.stage}: ${messageOf(error)}`, { ...context, error })
    if (onError !== undefined) onError(error, context)
    else if (logger === undefined) console.error(`trunkline (${context.stage}):`, error)
  }
  return (error, context) => {
    try {
      tell(error, context)
    } catch (thrown) {
      console.error('trunkline: onError or the logger itself threw:', thrown)
    }
  }
}

/** At most once a minute for each code: for what a crowd of clients runs into at once. */
export function seldom(report: Report, now: () => number = Date.now): Report {
  const told = new Map<string, number>()
  return (error, context) => {
    const code = error instanceof TrunklineError ? error.code : ''
    if (now() - (told.get(code) ?? Number.NEGATIVE_INFINITY) < seldomMs) return
    told.set(code, now())
    report(error, context)
  }
}

const seldomMs = 60_000

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
