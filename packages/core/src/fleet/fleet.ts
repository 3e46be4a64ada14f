import type { Notifier } from '../ports.ts'
import type { Report } from '../report.ts'
import type { ListenerStats } from '../stats.ts'
import { type Cancel, every } from '../time.ts'
import { foundSignals, statusLine } from './fit.ts'
import { type FleetMessage, fleetSignal } from './message.ts'
import { Search } from './search.ts'
import type { ConnectionStatus, FoundConnections, ProcessStatus } from './status.ts'

/** How often processes are asked how they are while somebody watches, in milliseconds. */
const roundMs = 10_000
/** How long the first answers may take until it is known which processes there are. */
const settledMs = 2_000
/** A process that was silent in two rounds is not waited for. */
const knownForMs = 2.5 * roundMs
/** Questions that wait to be answered; the next ones are passed over, and who asked is told that this process was silent. */
const maxDue = 100
/** Stands for the question how this process is among those for a user's connections: no user id is empty. */
const status = ''

/** What a fleet works with. */
export interface FleetOptions {
  /** The id of this process. */
  readonly process: string
  readonly notifier: Notifier
  /** How this process is. */
  readonly describe: () => ProcessStatus
  readonly connectionsOf: (userId: string) => readonly ConnectionStatus[]
  readonly report: Report
  readonly stopped: AbortSignal
}

/**
 * All processes of the deployment, as they tell of themselves. Nothing is sent while nobody looks: who watches asks all processes every
 * 10 s, one of the watchers for all of them, and each answers with a line that everyone hears. Only a process that cannot listen, and so
 * would not hear the question, says how it is unasked.
 */
export class Fleet {
  readonly #options: FleetOptions
  readonly #watchers = new Set<(status: ProcessStatus) => void>()
  readonly #searches = new Set<Search>()
  /** When each process was last heard of, by this process's clock. */
  readonly #known = new Map<string, number>()
  /** What was asked and not answered yet. */
  readonly #due = new Set<string>()
  #askedAt = 0
  #watchingSince = Number.POSITIVE_INFINITY
  #listener: ListenerStats['state'] = 'stopped'
  #stopRounds: Cancel | undefined
  #stopSaying: Cancel | undefined
  #isAnswering = false

  constructor(options: FleetOptions) {
    this.#options = options
    options.stopped.addEventListener('abort', () => {
      this.#stopRounds?.()
      this.#stopSaying?.()
    })
  }

  /** Hears how each process is, this one included, at once and then every 10 s. Returns the way to stop it. */
  watch(handler: (status: ProcessStatus) => void): () => void {
    // A wrapper of its own, so that one function that watches twice is told twice and stopped once.
    const own = (said: ProcessStatus): void => this.#tell(handler, said)
    this.#watchers.add(own)
    if (this.#stopRounds === undefined) {
      this.#watchingSince = Date.now()
      this.#stopRounds = every(roundMs, () => this.round(Date.now() - roundMs * 0.9))
    }
    own(this.#options.describe())
    return () => {
      this.#watchers.delete(own)
      if (this.#watchers.size > 0) return
      this.#stopRounds?.()
      this.#stopRounds = undefined
      this.#watchingSince = Number.POSITIVE_INFINITY
    }
  }

  /** Tells the watchers how this process is, and asks the others, unless they were asked since: all heard the answers. */
  round(since: number = Number.POSITIVE_INFINITY): void {
    // Its own line does not need the notifier: a process that is deaf has to see that it is.
    const own = this.#options.describe()
    for (const tell of this.#watchers) tell(own)
    if (this.#askedAt < since) void this.#send([fleetSignal({ kind: 'ask' })])
  }

  /** One user's connections in all processes. */
  async search(userId: string): Promise<FoundConnections> {
    const { process, notifier, connectionsOf, stopped } = this.#options
    const search = new Search(userId, this.#recent(), this.#knowsAll)
    // Whether or not this process hears itself.
    const connections = connectionsOf(userId)
    search.hear({ process, userId, total: connections.length, more: false, connections })
    this.#searches.add(search)
    try {
      await notifier.notify(fleetSignal({ kind: 'search', userId }))
      return await search.result(stopped)
    } finally {
      this.#searches.delete(search)
    }
  }

  hear(message: FleetMessage): void {
    switch (message.kind) {
      case 'ask':
        this.#askedAt = Date.now()
        return this.#answer(status)
      case 'search':
        return this.#answer(message.userId)
      case 'status':
        return this.#learn(message.status)
      case 'found':
        for (const search of this.#searches) search.hear(message.found)
    }
  }

  /** The listener's state is another one. */
  changed(state: ListenerStats['state']): void {
    this.#listener = state
    this.#stopSaying?.()
    this.#stopSaying = undefined
    if (state !== 'polling') return
    this.#answer(status)
    this.#stopSaying = every(roundMs, () => this.#answer(status))
  }

  #learn(said: ProcessStatus): void {
    this.#known.set(said.process, Date.now())
    if (said.process === this.#options.process) return
    for (const tell of this.#watchers) tell(said)
  }

  /** The processes that were heard of lately. */
  #recent(): readonly string[] {
    for (const [process, heardAt] of this.#known) if (Date.now() - heardAt > knownForMs) this.#known.delete(process)
    return [...this.#known.keys()]
  }

  /** The first answers have had their time. */
  get #knowsAll(): boolean {
    return Date.now() - this.#watchingSince > settledMs
  }

  #answer(asked: string): void {
    if (this.#due.size < maxDue) this.#due.add(asked)
    if (!this.#isAnswering) void this.#answerAll()
  }

  /** One after the other: what is asked again meanwhile is answered once. */
  async #answerAll(): Promise<void> {
    this.#isAnswering = true
    for (const asked of this.#due) {
      this.#due.delete(asked)
      await this.#send(this.#answersTo(asked))
    }
    this.#isAnswering = false
  }

  #answersTo(asked: string): readonly string[] {
    const { process, describe, connectionsOf, notifier } = this.#options
    if (asked === status) return [statusLine(describe())]
    return foundSignals(process, asked, connectionsOf(asked), notifier.maxPayloadBytes ?? 65_536)
  }

  async #send(payloads: readonly string[]): Promise<void> {
    const { notifier, report, stopped } = this.#options
    try {
      for (const payload of payloads) if (!stopped.aborted) await notifier.notify(payload)
    } catch (error) {
      // Who does not listen has told why, and it is the same outage.
      if (this.#listener === 'listening') report(error, { stage: 'listen' })
    }
  }

  #tell(handler: (status: ProcessStatus) => void, said: ProcessStatus): void {
    try {
      handler(said)
    } catch (error) {
      this.#options.report(error, { stage: 'subscriber' })
    }
  }
}
