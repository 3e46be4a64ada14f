import { pause } from '../time.ts'
import type { Found } from './message.ts'
import type { ConnectionStatus, FoundConnections } from './status.ts'

/** How long processes have to answer, in milliseconds. */
const limitMs = 1_000

/** One question to all processes, and what they answer. */
export class Search {
  readonly #userId: string
  readonly #expected: ReadonlySet<string>
  readonly #isSure: boolean
  readonly #answered = new Set<string>()
  readonly #totals = new Map<string, number>()
  /** By id: two watchers may have asked for the same user, and each hears both answers. */
  readonly #connections = new Map<string, ConnectionStatus>()
  readonly #complete = new AbortController()

  /** `expected`: the processes that this one knows of; `isSure`: there are no others. */
  constructor(userId: string, expected: readonly string[], isSure: boolean) {
    this.#userId = userId
    this.#expected = new Set(expected)
    this.#isSure = isSure
  }

  hear({ process, userId, total, more, connections }: Found): void {
    if (userId !== this.#userId) return
    for (const connection of connections) this.#connections.set(connection.id, connection)
    this.#totals.set(process, total)
    if (!more) this.#answered.add(process)
    if (this.#isSure && this.#silent.length === 0) this.#complete.abort()
  }

  /** Resolves when all have answered who are known, or their time is over. */
  async result(stopped: AbortSignal): Promise<FoundConnections> {
    await pause(limitMs, AbortSignal.any([stopped, this.#complete.signal]))
    const total = [...this.#totals.values()].reduce((sum, count) => sum + count, 0)
    return { connections: [...this.#connections.values()], total, silent: this.#silent }
  }

  get #silent(): readonly string[] {
    return [...this.#expected].filter((process) => !this.#answered.has(process))
  }
}
