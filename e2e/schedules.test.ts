import * as fc from 'fast-check'
import { describe, expect, inject, test } from 'vitest'

import { createDeployment, type Process } from './support/deployment.ts'
import { type ReceivedEvent, StreamClient } from './support/stream-client.ts'
import { openTransactionClient, type TransactionClient } from './support/transactions.ts'

const databaseUrl = inject('databaseUrl')

/** What a session does next. The first step of a session begins a transaction, and so does the first one after its end. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('publish', 'publish two') },
  { weight: 3, arbitrary: fc.constantFrom('savepoint', 'rollback to savepoint') },
  { weight: 3, arbitrary: fc.constantFrom('commit', 'commit', 'rollback') },
)
const schedule = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ session: fc.nat(2), does: step, isRepeatable: fc.boolean() }) },
    { weight: 2, arbitrary: fc.constant({ session: 'none' as const }) },
    { weight: 2, arbitrary: fc.record({ session: fc.constant('client' as const), process: fc.nat(1) }) },
  ),
  { minLength: 1, maxLength: 40 },
)

describe('schedules', () => {
  test('whatever sessions do in whatever order, clients see what was committed, once each, and what was begun together in its order', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const processes = [deployment.open(), deployment.open()] as const
    await using a = await openTransactionClient(deployment.url)
    await using b = await openTransactionClient(deployment.url)
    await using c = await openTransactionClient(deployment.url)
    const everything: string[] = []

    const property = fc.asyncProperty(schedule, async (steps) => {
      const sessions = [a, b, c].map((client, index) => new Session(client, processes[index % 2] as Process))
      const plain: string[] = []
      // Said by the log: each process may be a moment behind it.
      const cursor = await processes[0].cursor()
      await using live = await StreamClient.open(processes[0], { cursor })
      let broken = await StreamClient.open(processes[1], { cursor })
      const received: ReceivedEvent[] = []

      for (const next of steps) {
        if (next.session === 'none') plain.push(await publish(processes[0]))
        else if (next.session === 'client') {
          await broken[Symbol.asyncDispose]()
          received.push(...broken.events)
          broken = await StreamClient.open(processes[next.process] as Process, { cursor: broken.cursor })
        } else await sessions[next.session]?.do(next.does, next.isRepeatable)
      }
      for (const session of sessions) await session.do('commit')

      const committed = [plain, ...sessions.flatMap((session) => session.committed)]
      const names = committed.flat()
      everything.push(...names)
      await live.untilEvents(names.length)
      await broken.untilEvents(names.length - received.length)
      await broken[Symbol.asyncDispose]()
      received.push(...broken.events)

      expect(received).toEqual(live.events)
      expect(live.details).toHaveLength(names.length)
      expect(new Set(live.details)).toEqual(new Set(names))
      for (const group of committed) expect(live.details.filter((name) => group.includes(name as string))).toEqual(group)
    })
    await fc.assert(property, {
      numRuns: 150,
      seed: Number(process.env['SEED'] ?? Date.now() % 2 ** 31),
      interruptAfterTimeLimit: 20_000,
    })

    await using fresh = await StreamClient.open(deployment.open(), { cursor: await processes[0].cursor('floor') })
    await fresh.untilEvents(everything.length)
    expect(fresh.details).toHaveLength(everything.length)
    expect(new Set(fresh.details)).toEqual(new Set(everything))
    expect(deployment.reported).toEqual([])
  })
})

let published = 0

async function publish(process: Process, client?: TransactionClient): Promise<string> {
  const detail = `${published++}`
  await process.publishGlobal({ type: 'published', detail }, client === undefined ? {} : { transaction: client.transaction })
  return detail
}

/** One session of a database, and what a reader of its commits must see. */
class Session {
  readonly committed: string[][] = []
  readonly #client: TransactionClient
  readonly #process: Process
  /** Of the open transaction: what it published before its savepoint, and since. */
  #open: { readonly before: string[]; since: string[] | null } | null = null

  constructor(client: TransactionClient, process: Process) {
    this.#client = client
    this.#process = process
  }

  async do(does: string, isRepeatable = false): Promise<void> {
    if (this.#open === null) {
      if (!does.startsWith('publish') && does !== 'savepoint') return
      await this.#client.query(`begin isolation level ${isRepeatable ? 'repeatable read' : 'read committed'}`)
      this.#open = { before: [], since: null }
    }
    const { before, since } = this.#open
    if (does === 'publish' || does === 'publish two') {
      for (let left = does === 'publish' ? 1 : 2; left > 0; left--)
        (since ?? before).push(await publish(this.#process, this.#client))
    } else if (does === 'savepoint') {
      before.push(...(since ?? []))
      this.#open.since = []
      await this.#client.query('savepoint s')
    } else if (does === 'rollback to savepoint') {
      if (since === null) return
      this.#open.since = []
      await this.#client.query('rollback to savepoint s')
    } else {
      if (does === 'commit') this.committed.push([...before, ...(since ?? [])])
      this.#open = null
      await this.#client.query(does)
    }
  }
}
