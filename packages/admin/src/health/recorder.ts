import type { LogStatus, ProcessStatus, Trunkline } from '@trunkline/core'

/** How long samples are kept, and how long recording goes on after the last look: what the charts show. */
export const keptMs = 3_600_000
/** How often processes say how they are, as core has it. */
export const stepMs = 10_000
/** A process that was silent for so long has missed its turn twice. */
export const silentMs: number = 2.5 * stepMs
/** One that was silent for so long is not shown any more. */
const goneMs = 120_000
/** Anyone who can send notifications can make processes up, and make them talk: so much is remembered. */
const maxProcesses = 200
const maxSamples = 1.2 * (keptMs / stepMs)
const logEveryMs = 60_000
/** How long who looks first waits for the first answers. */
const firstAnswersMs = 500

/** How a process was. */
export interface Sample {
  /** When it was heard, by this process's clock. */
  readonly at: number
  readonly status: Omit<ProcessStatus, 'lagging'>
}

/** How big the log was. */
export interface LogSample {
  readonly at: number
  readonly status: LogStatus
}

/** What one process said over the last hour. */
export interface Recorded {
  /** Oldest first; never empty. */
  readonly samples: readonly Sample[]
  readonly last: Sample
  /** With the connections it told of last. */
  readonly latest: ProcessStatus
}

type Source = Pick<Trunkline, 'watchProcesses' | 'logStatus' | 'report'>

/**
 * What all processes said of themselves over the last hour. Begins with the first look and ends an hour after the last one: while nobody
 * looks, nothing is sent. It is kept in the memory of this process, 360 samples of each.
 */
export class Recorder {
  readonly #trunkline: Source
  readonly #processes = new Map<string, Recorded & { readonly samples: Sample[] }>()
  readonly #log: LogSample[] = []
  #stop: (() => void) | undefined
  #lookedAt = 0
  #logAskedAt = Number.NEGATIVE_INFINITY
  #firstAnswers: Promise<unknown> = Promise.resolve()

  constructor(trunkline: Source) {
    this.#trunkline = trunkline
  }

  /** Somebody looks: resolves when there is something to see. */
  async look(): Promise<void> {
    this.#lookedAt = Date.now()
    if (this.#stop === undefined) {
      this.#stop = this.#trunkline.watchProcesses((status) => this.#take(status))
      this.#firstAnswers = Promise.all([new Promise((resolve) => setTimeout(resolve, firstAnswersMs)), this.#askLog()])
    }
    await this.#firstAnswers
  }

  /** The processes that there are, as far as is known. */
  get processes(): readonly Recorded[] {
    const now = Date.now()
    return [...this.#processes.values()].filter(({ last }) => now - last.at < goneMs)
  }

  /** All that were heard of within the hour. */
  get history(): readonly Recorded[] {
    return [...this.#processes.values()]
  }

  /** Oldest first; empty when nothing is stored. */
  get log(): readonly LogSample[] {
    return this.#log
  }

  #take(latest: ProcessStatus): void {
    const now = Date.now()
    if (now - this.#lookedAt > keptMs) return this.#rest()
    const { lagging: _connections, ...status } = latest
    const last = { at: now, status }
    const samples = this.#processes.get(latest.process)?.samples ?? []
    // Twice in a moment, as a process does that has just begun, is once.
    if (now - (samples.at(-1)?.at ?? 0) < stepMs / 10) samples.pop()
    samples.push(last)
    if (samples.length > maxSamples) samples.shift()
    if (samples.length > 1 || this.#processes.size < maxProcesses) this.#processes.set(latest.process, { samples, last, latest })
    this.#forget(now - keptMs)
    if (now - this.#logAskedAt >= logEveryMs) void this.#askLog()
  }

  #forget(before: number): void {
    for (const [process, { samples, last }] of this.#processes) {
      if (last.at < before) this.#processes.delete(process)
      while (samples.length > 1 && (samples[0] as Sample).at < before) samples.shift()
    }
    while (this.#log.length > 1 && (this.#log[0] as LogSample).at < before) this.#log.shift()
  }

  async #askLog(): Promise<void> {
    this.#logAskedAt = Date.now()
    try {
      const status = await this.#trunkline.logStatus()
      this.#log.push({ at: Date.now(), status })
    } catch (error) {
      // Without a store there is nothing to be asked.
      if ((error as { readonly code?: unknown } | null)?.code !== 'no_store') this.#trunkline.report?.(error, { stage: 'admin' })
    }
  }

  #rest(): void {
    this.#stop?.()
    this.#stop = undefined
    this.#processes.clear()
    this.#log.length = 0
  }
}

const recorders = new WeakMap<object, Recorder>()

/** One for all pages of a trunkline. */
export function recorderOf(trunkline: Source): Recorder {
  const recorder = recorders.get(trunkline) ?? new Recorder(trunkline)
  recorders.set(trunkline, recorder)
  return recorder
}
