// Reports that take a while. In place of your own jobs, and of the table that knows them.
import { setTimeout as sleep } from 'node:timers/promises'

import type { Report } from './events.ts'
import { trunkline } from './trunkline.ts'

const reports = new Map<string, Map<string, Report>>()

// Every process hears of every report, whichever process prepares it.
trunkline.subscribe('report_progress', ({ scope, userId, detail }) => {
  if (scope === 'user') reports.set(userId, (reports.get(userId) ?? new Map<string, Report>()).set(detail[':id'], detail))
})

export function reportsOf(userId: string): readonly Report[] {
  return [...(reports.get(userId)?.values() ?? [])]
}

/** Resolves when the report is begun. Its owner is told about the rest. */
export async function prepareReport(userId: string, title: string): Promise<void> {
  const id = crypto.randomUUID()
  const tell = (percent: number): Promise<unknown> =>
    trunkline.publish({ userId, type: 'report_progress', detail: { ':id': id, title, percent } })
  await tell(0)
  const work = async (): Promise<void> => {
    for (let percent = 10; percent <= 100; percent += 10) {
      await sleep(200)
      await tell(percent)
    }
  }
  work().catch(console.error)
}
