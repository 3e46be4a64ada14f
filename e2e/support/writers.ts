import { setTimeout as pause } from 'node:timers/promises'

import type { Process } from './deployment.ts'
import type { Random } from './random.ts'
import type { TransactionClient } from './transactions.ts'

/** What was published and is committed: names of events that keep their order among themselves, list by list. */
export type Committed = (readonly string[])[]

/** Publishes without a transaction, one call after the other, now and then several events in one call. */
export async function writePlainly(trunkline: Process, random: Random, name: string, events: number): Promise<Committed> {
  const published: string[] = []
  while (published.length < events) {
    const names = Array.from(
      { length: random.chance(0.1) ? random.between(2, 5) : 1 },
      (_, index) => `${name}.${published.length + index}`,
    )
    const items = names.map((detail) => ({ scope: 'global', type: 'written', detail }) as const)
    if (items.length > 1) await trunkline.publishMany(items)
    else await trunkline.publishGlobal({ type: 'written', detail: names[0] })
    published.push(...names)
    await pause(random.between(0, 30))
  }
  return [published]
}

/** Publishes inside transactions that stay open for up to 200 ms; rolls some back, and uses savepoints. */
export async function writeInTransactions(
  trunkline: Process,
  client: TransactionClient,
  random: Random,
  name: string,
  transactions: number,
): Promise<Committed> {
  const committed: Committed = []
  for (let number = 0; number < transactions; number++) {
    const events = await writeOne(trunkline, client, random, `${name}.${number}`)
    if (events !== null) committed.push(events)
  }
  return committed
}

async function writeOne(
  trunkline: Process,
  client: TransactionClient,
  random: Random,
  name: string,
): Promise<readonly string[] | null> {
  const publish = async (detail: string): Promise<string> => {
    await trunkline.publishGlobal({ type: 'written', detail }, { transaction: client.transaction })
    return detail
  }
  const published: string[] = []
  let events = random.between(1, 6)
  const pauses = Array.from({ length: events + 1 }, () => random.between(0, 200 / (events + 1)))

  await client.query(`begin isolation level ${random.chance(0.5) ? 'read committed' : 'repeatable read'}`)
  // At REPEATABLE READ the snapshot is taken here, before everything that others do meanwhile.
  await client.query('select count(*) from pg_class')
  while (events > 0) {
    await pause(pauses.pop())
    if (events > 1 && random.chance(0.3)) {
      events -= 2
      await client.query('savepoint s')
      const inside = [await publish(`${name}.${events}s`), await publish(`${name}.${events}t`)]
      const isUndone = random.chance(0.5)
      await client.query(isUndone ? 'rollback to savepoint s' : 'release savepoint s')
      if (!isUndone) published.push(...inside)
    } else {
      events--
      published.push(await publish(`${name}.${events}`))
    }
  }
  await pause(pauses.pop())
  const isCommitted = random.chance(0.75)
  await client.query(isCommitted ? 'commit' : 'rollback')
  return isCommitted ? published : null
}
