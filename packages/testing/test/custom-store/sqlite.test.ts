import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { notifierContract, storeContract } from '@trunkline/testing'
import { describe, test } from 'vitest'

import { sqliteNotifier } from './sqlite-notifier.ts'
import { sqliteStore } from './sqlite-store.ts'

describe('the store on SQLite', () => {
  const create = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sqlite-store-'))
    const open = () => sqliteStore(join(folder, 'events.db'))
    const [store, other] = [open(), open()] // as two processes reach the same log
    const dispose = async () => {
      await Promise.all([store.close?.(), other.close?.()])
      await rm(folder, { recursive: true })
    }
    return { store, others: [other], dispose }
  }
  for (const c of storeContract(create)) test(c.name, c.run)
})

describe('the notifier on SQLite', () => {
  const create = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sqlite-notifier-'))
    const open = () => sqliteNotifier(join(folder, 'events.db'))
    const [notifier, other] = [open(), open()]
    const dispose = async () => {
      await Promise.all([notifier.close?.(), other.close?.()])
      await rm(folder, { recursive: true })
    }
    return { notifier, others: [other], dispose }
  }
  for (const c of notifierContract(create)) test(c.name, c.run)
})
