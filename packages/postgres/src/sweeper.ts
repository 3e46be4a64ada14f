import type { Stop } from '@trunkline/core'
import { sql } from 'kysely'

import type { Deployment } from './deployment.ts'
import { maxRelayed, type RelayReport } from './relay-driver.ts'

/**
 * Moves what others left in the outbox into the log: scripts that ended, SQL publishers, processes that died. Once a second; a sweep that
 * takes long (an old snapshot keeps millions of deleted rows in the way) makes the next one wait in proportion.
 */
export function startSweeping(deployment: Deployment, report: RelayReport): Stop {
  const { sweepMs } = deployment.timings
  let timer: NodeJS.Timeout | undefined
  let sweeping: Promise<void> | undefined
  let stopped = false

  const schedule = (ms: number): void => {
    if (stopped) return
    timer = setTimeout(() => {
      sweeping = sweep()
    }, ms).unref()
  }

  const sweep = async (): Promise<void> => {
    const started = performance.now()
    let hasMore = false
    try {
      hasMore = await relay(deployment)
      report.worked()
    } catch (error) {
      report.failed(error)
    }
    // Processes do not sweep in step.
    schedule(hasMore ? 0 : Math.max(sweepMs * (0.8 + Math.random() * 0.2), (performance.now() - started) * 10))
  }

  schedule(0)
  return async () => {
    stopped = true
    clearTimeout(timer)
    await sweeping
  }
}

/** Resolves with whether there was more than one batch takes. */
async function relay(deployment: Deployment): Promise<boolean> {
  const { answer } = await deployment.one(
    sql<{ readonly answer: string }>`select ${deployment.name('relay')}(${sql.lit(maxRelayed)}, ${deployment.inline}) as answer`,
  )
  return (JSON.parse(answer) as { readonly more: boolean }).more
}
