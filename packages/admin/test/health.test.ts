import { memory, type LogStatus, type ProcessStatus } from '@trunkline/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { findingsOf } from '../src/health/findings.ts'
import { Recorder } from '../src/health/recorder.ts'
import { greatest, rates, totals } from '../src/health/series.ts'
import { createSite } from './support.ts'

const hour = 3_600_000

describe('the page of health', () => {
  test('says that all is well, draws the numbers, and says how much is kept', async () => {
    const site = createSite()
    await site.trunkline.publishGlobal({ type: 'x' })
    const page = await site.page('?page=health')
    expect(page).toContain('<b>All is well.</b> 1 process.')
    expect(page).toMatch(/<svg[^>]+aria-label="Connections over the last [^"]+: 0 now, 0 at most"/)
    expect(page).toContain('>listening<')
    expect(page).toContain('<dd>24 h</dd>')
    expect(page).not.toMatch(/ style=/)
  })

  test('is red when a process cannot listen, and says what to do', async () => {
    const { store, notifier } = memory()
    const site = createSite({
      options: {
        store,
        notifier: {
          notify: (payload) => notifier.notify(payload),
          listen(handlers) {
            queueMicrotask(() => handlers.onError(new Error('deaf')))
            return async () => {}
          },
        },
      },
    })
    await site.trunkline.start()
    const page = await site.page('?page=health')
    expect(page).toContain(`Red: Process ${site.trunkline.stats().process} is deaf`)
    expect(page).toContain('listenUrl')
    expect(page).not.toContain('All is well')
  })
})

describe('what is recorded', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  test('is a rate of all processes together, a sum, and the greatest; a process that ended counts no more', async () => {
    const { recorder, pass } = record([
      { process: 'a', rate: 3, lagMs: 5, connections: 2 },
      { process: 'b', rate: 4, lagMs: 50, connections: 1, untilMs: 600_000 },
    ])
    await pass(1_200_000)
    const { values, spanMs } = rates(recorder, ({ counters }) => counters.published)
    // And what the first look took.
    expect(spanMs).toBe(1_210_000)
    expect([values[30], values.at(-1)]).toEqual([7, 3])
    const connections = totals(recorder, (status) => status.connections).values
    expect([connections[30], connections.at(-1)]).toEqual([3, 2])
    const lag = greatest(recorder, ({ lagMs }) => lagMs).values
    expect([lag[30], lag.at(-1)]).toEqual([50, 5])
    expect(recorder.processes.map(({ last }) => last.status.process)).toEqual(['a'])
  })

  test('goes back an hour and no further, and ends an hour after the last look', async () => {
    const { recorder, pass, isWatched } = record([{ process: 'a', rate: 1 }])
    await pass(hour / 2)
    await look(recorder)
    await pass(hour - 20_000)
    expect(isWatched()).toBe(true)
    expect(recorder.history[0]?.samples.length).toBeLessThanOrEqual(362)
    expect(recorder.log.length).toBeGreaterThan(50)
    expect(recorder.log.length).toBeLessThanOrEqual(62)
    await pass(60_000)
    expect([isWatched(), recorder.history]).toEqual([false, []])
    await look(recorder)
    expect(isWatched()).toBe(true)
  })

  test('is bounded, whoever makes up processes', async () => {
    const { recorder, pass } = record(Array.from({ length: 500 }, (_, index) => ({ process: `p${index}`, rate: 1 })))
    await pass(30_000)
    expect(recorder.history.length).toBe(200)
  })
})

describe('what is found', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  const cases = {
    'nothing, where all is well': { told: {}, level: undefined, what: undefined },
    'a deaf process': { told: { state: 'polling' }, level: 'bad', what: 'is deaf' },
    'one that does not get through': { told: { state: 'connecting' }, level: 'bad', what: 'has been connecting' },
    'one that ended, or has no database': { told: { untilMs: 30_000 }, level: 'warn', what: 'was last heard of' },
    'events that come late': { told: { lagMs: 9_000 }, level: 'warn', what: '9 s late' },
    'clients that take nothing': { told: { queuedBytes: 2 ** 30 }, level: 'warn', what: 'holds 1 GiB' },
    'history that was lost': { told: { resets: 1 }, level: 'warn', what: 'in this hour that history was lost' },
    'a queue that fills': { told: { queueUsage: 0.5 }, level: 'warn', what: '50 % full' },
    'a queue that is full': { told: { queueUsage: 0.9 }, level: 'bad', what: '90 % full' },
    'a retention that does not keep up': { told: {}, oldestMs: 26 * hour, level: 'warn', what: '2 h older' },
  } as const

  test.each(Object.entries(cases))('is %s', async (_name, { told, level, what, ...rest }) => {
    const { recorder, pass } = record([{ process: 'a', rate: 1, ...told }], 'oldestMs' in rest ? rest.oldestMs : 0)
    await pass(90_000)
    const found = findingsOf(recorder)
    if (what === undefined) expect(found).toEqual([])
    else expect(found).toEqual([{ level, what: expect.stringContaining(what), advice: expect.stringMatching(/\w{20}|.{40}/) }])
  })
})

interface Told {
  readonly process: string
  /** Events per second. */
  readonly rate: number
  readonly lagMs?: number
  readonly connections?: number
  readonly queuedBytes?: number
  readonly queueUsage?: number
  /** Of clients, per round. */
  readonly resets?: number
  readonly state?: ProcessStatus['listener']['state']
  /** When it falls silent. */
  readonly untilMs?: number
}

/** A recorder of processes that say how they are every ten seconds, as a trunkline passes it on. */
function record(processes: readonly Told[], oldestMs = 0) {
  const began = Date.now()
  let handler: ((status: ProcessStatus) => void) | undefined
  const say = (): void => {
    const passed = Date.now() - began
    for (const told of processes)
      if (passed <= (told.untilMs ?? Number.POSITIVE_INFINITY)) handler?.(statusOf(told, passed, began))
  }
  const recorder = new Recorder({
    watchProcesses(heard) {
      handler = heard
      say()
      return () => {
        handler = undefined
      }
    },
    logStatus: async (): Promise<LogStatus> => ({
      events: 1,
      bytes: 1,
      oldest: new Date(Date.now() - oldestMs).toISOString(),
      retention: { maxAgeMs: 24 * hour },
    }),
  })
  const pass = async (ms: number): Promise<void> => {
    if (handler === undefined) await look(recorder)
    for (const end = Date.now() + ms; Date.now() < end;) {
      await vi.advanceTimersByTimeAsync(10_000)
      say()
    }
  }
  return { recorder, pass, isWatched: () => handler !== undefined }
}

async function look(recorder: Recorder): Promise<void> {
  const looked = recorder.look()
  await vi.advanceTimersByTimeAsync(500)
  await looked
}

function statusOf(told: Told, passed: number, began: number): ProcessStatus {
  const { process, rate, lagMs = 0, connections = 0, queuedBytes = 0, queueUsage = 0, resets = 0, state = 'listening' } = told
  const published = (rate * passed) / 1_000
  return {
    process,
    at: new Date().toISOString(),
    since: new Date(began).toISOString(),
    listener: { state, since: new Date(began).toISOString(), lastHeard: null },
    lagMs,
    connections,
    queuedBytes,
    queueUsage,
    counters: {
      published,
      stored: published,
      delivered: 0,
      dropped: 0,
      resets: (resets * passed) / 10_000,
      catchUpReads: 0,
      flushes: 0,
    },
    lagging: [],
  }
}
