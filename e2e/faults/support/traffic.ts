import type { AnyPublish } from '@trunkline/core'
import { setTimeout as pause } from 'node:timers/promises'

import type { Process } from '../../support/deployment.ts'
import { eventually } from '../../support/eventually.ts'
import { openTransactionClient, type TransactionClient } from '../../support/transactions.ts'
import type { Outcome } from './accounts.ts'
import { type Audience, batchFor, batchOf, type Detail, type Item, text } from './items.ts'

/** Who publishes, and how much. */
export interface TrafficOptions {
  /** Begins the names of its callers, who must not be those of another traffic. Defaults to none. */
  readonly name?: string
  /** Callers that publish in transactions do so on this server. */
  readonly url: string
  /** Callers of each kind: plain, and in transactions. Defaults to 2. */
  readonly callers?: number
  /** What each caller waits between two calls. Defaults to 10. */
  readonly pauseMs?: number
  readonly tell: (outcome: Outcome) => void
}

/**
 * Callers who publish one call after the other and go on whatever happens: plainly, and in transactions of which every fifth is rolled
 * back; single events and batches, for users, channels, everybody and the backend.
 */
export class Traffic implements AsyncDisposable {
  readonly #trunkline: Process
  readonly #options: TrafficOptions
  readonly #calling: Promise<unknown>
  #extra = 0
  #underway = 0
  #gate: PromiseWithResolvers<void> | undefined
  #isOver = false

  private constructor(trunkline: Process, options: TrafficOptions) {
    const { name = '', callers = 2 } = options
    this.#trunkline = trunkline
    this.#options = options
    this.#calling = Promise.all(
      Array.from({ length: callers }, (_, n) => [
        this.#callPlainly(`${name}p${n}`),
        this.#callInTransactions(`${name}t${n}`),
      ]).flat(),
    )
  }

  /** Begins to publish. */
  static start(trunkline: Process, options: TrafficOptions): Traffic {
    return new Traffic(trunkline, options)
  }

  /** Events beside the rest, in calls of ten, for one audience. */
  async publish(to: Audience, count: number, { by = this.#trunkline, padding = 0 } = {}): Promise<void> {
    for (let left = count; left > 0; left -= 10) {
      const items = batchFor(to, `${this.#options.name ?? ''}x`, this.#extra++, Math.min(left, 10))
      const receipts = await by.publishMany(items.map((item) => toPublish(item, padding)))
      this.#acknowledge(
        items,
        receipts.map(({ cursor }) => cursor),
      )
    }
  }

  /** Resolves when every call has ended; no other one begins before `resume`. */
  async pause(): Promise<void> {
    this.#gate ??= Promise.withResolvers()
    await eventually('every publish to end', () => this.#underway === 0, 25_000)
  }

  resume(): void {
    this.#gate?.resolve()
    this.#gate = undefined
  }

  /** Resolves when every call has ended. */
  async stop(): Promise<void> {
    await this.pause()
    this.#isOver = true
    this.resume()
    await this.#calling
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #callPlainly(caller: string): Promise<void> {
    await this.#call(caller, async (items) => {
      const receipts = await this.#trunkline.publishMany(items.map((item) => toPublish(item)))
      this.#acknowledge(
        items,
        receipts.map(({ cursor }) => cursor),
      )
    })
  }

  async #callInTransactions(caller: string): Promise<void> {
    let client: TransactionClient | undefined
    await this.#call(caller, async (items, number) => {
      try {
        client ??= await openTransactionClient(this.#options.url)
        await client.query(`begin isolation level ${number % 2 === 0 ? 'read committed' : 'repeatable read'}`)
        await this.#trunkline.publishMany(
          items.map((item) => toPublish(item)),
          { transaction: client.transaction },
        )
        if (number % 5 === 4) {
          this.#tell({ kind: 'undone', names: namesOf(items) })
          await client.query('rollback')
        } else {
          await client.query('commit')
          this.#acknowledge(
            items,
            items.map(() => null),
          )
        }
      } catch (error) {
        const broken = client
        client = undefined
        await broken?.[Symbol.asyncDispose]()
        throw error
      }
    })
    await client?.[Symbol.asyncDispose]()
  }

  async #call(caller: string, publish: (items: readonly Item[], number: number) => Promise<void>): Promise<void> {
    for (let number = 0; ; number++) {
      await this.#gate?.promise
      if (this.#isOver) return
      const items = batchOf(caller, number)
      this.#underway++
      try {
        await publish(items, number)
      } catch (error) {
        this.#tell({ kind: 'failed', names: namesOf(items), code: codeOf(error), error: String(error) })
      }
      this.#underway--
      await pause(this.#options.pauseMs ?? 10)
    }
  }

  #acknowledge(items: readonly Item[], cursors: readonly (string | null)[]): void {
    this.#tell({ kind: 'acknowledged', names: namesOf(items), cursors })
  }

  #tell(outcome: Outcome): void {
    this.#options.tell(outcome)
  }
}

/** An item as publishMany takes it. */
export function toPublish({ name, to }: Item, padding = 0): AnyPublish {
  const detail: Detail = { name, text, ...(padding > 0 && { padding: 'x'.repeat(padding) }) }
  const event = { type: 'item', detail } as const
  const whom = to.slice(2)
  if (to === 'g') return { ...event, scope: 'global' }
  if (to === 's') return { ...event, scope: 'system' }
  return to.startsWith('u:') ? { ...event, scope: 'user', userId: whom } : { ...event, scope: 'channel', channel: whom }
}

function namesOf(items: readonly Item[]): readonly string[] {
  return items.map(({ name }) => name)
}

function codeOf(error: unknown): string {
  return String((error as { readonly code?: unknown }).code)
}
