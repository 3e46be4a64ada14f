import { keptMs, type Recorded, type Recorder, type Sample, silentMs, stepMs } from './recorder.ts'

/** How a value went. */
export interface Series {
  /** One for each ten seconds, oldest first; null where nothing is known. */
  readonly values: readonly (number | null)[]
  /** Up to an hour: as long as there is something to show. */
  readonly spanMs: number
}

const shortestMs = 60_000

type Status = Sample['status']

/** The sum over all processes of how fast a counter rose, per second. */
export function rates(recorder: Recorder, count: (status: Status) => number): Series {
  return overTime(recorder, (until) =>
    combine(recorder, until, sum, ({ samples }, index) => {
      const [before, after] = [samples[index - 1], samples[index] as Sample]
      if (before === undefined || after.at <= before.at) return null
      return Math.max(0, count(after.status) - count(before.status)) / ((after.at - before.at) / 1_000)
    }),
  )
}

/** The sum over all processes of a value. */
export function totals(recorder: Recorder, value: (status: Status) => number | null): Series {
  return overTime(recorder, (until) =>
    combine(recorder, until, sum, ({ samples }, index) => value((samples[index] as Sample).status)),
  )
}

/** The greatest that any process had of a value. */
export function greatest(recorder: Recorder, value: (status: Status) => number | null): Series {
  return overTime(recorder, (until) =>
    combine(
      recorder,
      until,
      (values) => Math.max(...values),
      ({ samples }, index) => value((samples[index] as Sample).status),
    ),
  )
}

/** What the log took on disk. */
export function logBytes(recorder: Recorder): Series {
  return overTime(recorder, (until) => recorder.log.findLast(({ at }) => at <= until)?.status.bytes ?? null)
}

function overTime({ history }: Recorder, valueAt: (until: number) => number | null): Series {
  const now = Date.now()
  const first = Math.min(now, ...history.flatMap(({ samples }) => samples.slice(0, 1).map(({ at }) => at)))
  const steps = Math.ceil(Math.min(keptMs, Math.max(shortestMs, now - first)) / stepMs)
  const values = Array.from({ length: steps + 1 }, (_, step) => valueAt(now - (steps - step) * stepMs))
  return { values, spanMs: steps * stepMs }
}

/** Of each process counts what it had said last, if that was lately. */
function combine(
  { history }: Recorder,
  until: number,
  join: (values: readonly number[]) => number,
  valueOf: (process: Recorded, index: number) => number | null,
): number | null {
  const values = history.flatMap((process) => {
    const index = process.samples.findLastIndex(({ at }) => at <= until)
    const sample = process.samples[index]
    const value = sample === undefined || until - sample.at > silentMs ? null : valueOf(process, index)
    return value === null ? [] : [value]
  })
  return values.length === 0 ? null : join(values)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
