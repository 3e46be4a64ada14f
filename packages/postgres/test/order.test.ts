import type { LogEvent } from '@trunkline/core'
import { beforeAll, expect, test } from 'vitest'

import { admin, backend, event, inTransaction, listen, s, through, until } from './support/deployment.ts'

const processes = [backend(), backend()] as const
const [one, other] = processes
const levels = ['read committed', 'repeatable read', 'serializable'] as const

beforeAll(() => one.migrate())

/** Follows the log as a tail does: whoever has seen a position has seen every one below it that will ever exist. */
async function follow(seen: LogEvent[], isOver: () => boolean): Promise<void> {
  for (let after = 0; ;) {
    const last = isOver()
    const page = await one.store.read({ after, audience: 'everything', limit: 50, signal: new AbortController().signal })
    seen.push(...page.events)
    after = page.through
    if (last && page.through >= page.head) return
  }
}

test('everyone sees what was committed, once, in one order, whatever writes at the same time', async () => {
  const committed = new Set<string>()
  const seen: LogEvent[] = []
  let over = false
  const following = follow(seen, () => over)
  const stop = listen(other)
  let failures = 0

  const writer = async (index: number): Promise<void> => {
    const { store } = processes[index % 2 === 0 ? 0 : 1]
    for (let round = 0; round < 25; round++) {
      const kept = event({ type: `writer ${index}`, body: String(round) })
      if (index % 3 === 0) {
        await store.append([kept], {})
        committed.add(kept.id)
        continue
      }
      const level = levels[(index + round) % levels.length] ?? 'read committed'
      try {
        await inTransaction(async (client) => {
          const transaction = through(client)
          await client.query('savepoint a')
          await store.append([event({ type: 'rolled back' })], { transaction })
          await client.query('rollback to savepoint a')
          await client.query('savepoint b')
          await store.append([kept], { transaction })
          await client.query('release savepoint b')
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
          if (round % 5 === 4) throw new Error('roll back')
        }, `begin isolation level ${level}`)
        committed.add(kept.id)
      } catch (error) {
        if ((error as Error).message !== 'roll back') failures++
      }
    }
  }
  await Promise.all(Array.from({ length: 9 }, (_, index) => writer(index)))
  await until('an empty outbox', async () => (await admin.query(`select from ${s}.outbox`)).rowCount === 0)
  over = true
  await following
  await stop.stop()

  expect(failures).toBe(0)
  const positions = seen.map(({ position }) => position)
  expect(positions).toEqual(positions.toSorted((a, b) => a - b))
  expect(new Set(positions).size).toBe(positions.length)
  expect(seen.map(({ id }) => id).toSorted()).toEqual([...committed].toSorted())
  // What one writer did one after the other stands in that order.
  for (let index = 0; index < 9; index++) {
    const rounds = seen.filter(({ type }) => type === `writer ${index}`).map(({ body }) => Number(body))
    expect(rounds).toEqual(rounds.toSorted((a, b) => a - b))
  }
  expect(seen.map(({ createdAt }) => createdAt)).toEqual(seen.map(({ createdAt }) => createdAt).toSorted())
})

test('backends that are killed lose nothing that was acknowledged and write nothing twice', async () => {
  const acknowledged: string[] = []
  const over = new AbortController()
  const killing = (async () => {
    for (let kill = 0; kill < 12; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 40))
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'trunkline' and query like '%' || $1 || '%'`,
        [s],
      )
    }
    over.abort()
  })()
  const { head } = await one.store.bounds()
  while (!over.signal.aborted) {
    const given = event()
    await one.store.append([given], {})
    acknowledged.push(given.id)
  }
  await killing
  const after: LogEvent[] = []
  await follow(after, () => true)
  const stored = after.filter(({ position }) => position > head).map(({ id }) => id)
  expect(stored).toEqual(acknowledged)
})
