import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'

import type { Process } from './deployment.ts'
import type { ReceivedEvent } from './stream-client.ts'
import { openTransactionClient, type TransactionClient } from './transactions.ts'

/** How a flow is. */
export interface FlowOptions {
  /** Each publishes, waits for the answer, pauses, and publishes again. Defaults to 2. */
  readonly callers?: number
  /** As many more, who publish in transactions of their own on this server. Defaults to 0. */
  readonly transactionCallers?: number
  readonly url?: string
  /** Defaults to 5. */
  readonly pauseMs?: number
}

/** A publish that was answered. The cursor is null when it was in a transaction, whose commit was answered. */
export interface Acknowledged {
  readonly name: string
  readonly cursor: string | null
  readonly tookMs: number
}

/** Events published all the time, by callers who go on whatever happens. */
export interface Flow extends AsyncDisposable {
  readonly acknowledged: readonly Acknowledged[]
  readonly failed: readonly { readonly name: string; readonly error: unknown; readonly tookMs: number }[]
  /** Resolves when every publish has ended, with an answer or an error; rejects when one does not. */
  stop(limitMs?: number): Promise<void>
}

/** Starts to publish. Event names are `caller.number`. */
export function startFlow(trunkline: Process, options: FlowOptions = {}): Flow {
  const { callers = 2, transactionCallers = 0, url = '', pauseMs = 5 } = options
  const acknowledged: Acknowledged[] = []
  const failed: { name: string; error: unknown; tookMs: number }[] = []
  const underway = new Set<string>()
  const over = new AbortController()

  const work = async (caller: string, publish: (name: string) => Promise<string | null>): Promise<void> => {
    for (let number = 0; !over.signal.aborted; number++) {
      const name = `${caller}.${number}`
      const began = performance.now()
      underway.add(name)
      try {
        const cursor = await publish(name)
        acknowledged.push({ name, cursor, tookMs: performance.now() - began })
      } catch (error) {
        failed.push({ name, error, tookMs: performance.now() - began })
      }
      underway.delete(name)
      await pause(pauseMs)
    }
  }

  const working = Promise.all([
    ...Array.from({ length: callers }, (_, n) => {
      return work(`p${n}`, async (detail) => (await trunkline.publishGlobal({ type: 'flow', detail })).cursor)
    }),
    ...Array.from({ length: transactionCallers }, async (_, n) => {
      const sessions = new Sessions(url)
      await work(`t${n}`, (detail) => sessions.publish(trunkline, detail))
      await sessions.close()
    }),
  ])

  const stop = async (limitMs = 20_000): Promise<void> => {
    over.abort()
    const outcome = await Promise.race([working, pause(limitMs, 'late', { ref: false })])
    if (outcome === 'late') throw new Error(`After ${limitMs} ms there is still no answer to ${[...underway].join(', ')}.`)
  }
  return { acknowledged, failed, stop, [Symbol.asyncDispose]: () => stop() }
}

/** Whether everything acknowledged so far is among the events. */
export function hasArrived(events: readonly ReceivedEvent[], flow: Flow): boolean {
  if (events.length < flow.acknowledged.length) return false
  const names = new Set(events.map(({ detail }) => detail))
  return flow.acknowledged.every(({ name }) => names.has(name))
}

/** Every acknowledged event came, nothing came twice, all in log order; of the failed ones some may have come. */
export function expectDelivered(events: readonly ReceivedEvent[], flow: Flow): void {
  const names = events.map(({ detail }) => detail as string)
  const places = new Map(names.map((name, index) => [name, index]))
  expect(places.size, 'nothing twice').toBe(names.length)
  expect(events.map(({ cursor }) => cursor)).toEqual(events.map(({ cursor }) => cursor).toSorted())

  const lost = flow.acknowledged.filter(({ name }) => !places.has(name))
  expect(lost, 'nothing lost').toEqual([])
  const moved = flow.acknowledged.filter(
    ({ name, cursor }) => cursor !== null && events[places.get(name) as number]?.cursor !== cursor,
  )
  expect(moved, 'each at the place that its publisher was told').toEqual([])

  const known = new Set([...flow.acknowledged, ...flow.failed].map(({ name }) => name))
  expect(
    names.filter((name) => !known.has(name)),
    'nothing that was never published',
  ).toEqual([])
  for (const caller of new Set(names.map((name) => name.split('.')[0]))) {
    const numbers = names.filter((name) => name.startsWith(`${caller}.`)).map((name) => Number(name.split('.')[1]))
    expect(numbers, `${caller} in its order`).toEqual(numbers.toSorted((a, b) => a - b))
  }
}

/** One connection of a caller after another. */
class Sessions {
  readonly #url: string
  #client: TransactionClient | undefined

  constructor(url: string) {
    this.#url = url
  }

  async publish(trunkline: Process, detail: string): Promise<null> {
    try {
      this.#client ??= await openTransactionClient(this.#url)
      const { query, transaction } = this.#client
      await query('begin')
      await trunkline.publishGlobal({ type: 'flow', detail }, { transaction })
      await query('commit')
      return null
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.[Symbol.asyncDispose]()
  }
}
