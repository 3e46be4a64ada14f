import { notifierContract, storeContract } from '@trunkline/testing'
import { describe, test } from 'vitest'

import { createBackend } from '../src/postgres.ts'
import type { PostgresBackend } from '../src/types.ts'
import { admin, databaseUrl, schema } from './support/deployment.ts'

let deployments = 0

/** A schema of its own for each case, used by three processes. */
async function deploy(): Promise<{
  processes: readonly [PostgresBackend, PostgresBackend, PostgresBackend]
  dispose: () => Promise<void>
}> {
  const name = `${schema} contract ${++deployments}`
  const make = (): PostgresBackend => createBackend({ url: databaseUrl, schema: name, poolSize: 2 })
  const processes = [make(), make(), make()] as const
  await processes[0].migrate()
  return {
    processes,
    async dispose() {
      await Promise.all(processes.map(async ({ store }) => store.close?.()))
      await admin.query(`drop schema "${name}" cascade`)
    },
  }
}

describe('the store keeps the contract of Store', () => {
  const cases = storeContract(async () => {
    const { processes, dispose } = await deploy()
    const [one, ...others] = processes
    return { store: one.store, others: others.map(({ store }) => store), dispose }
  })
  for (const c of cases) test(c.name, c.run)
})

describe('the notifier keeps the contract of Notifier', () => {
  const cases = notifierContract(async () => {
    const { processes, dispose } = await deploy()
    const [one, ...others] = processes
    return { notifier: one.notifier, others: others.map(({ notifier }) => notifier), dispose }
  })
  for (const c of cases) test(c.name, c.run)
})
