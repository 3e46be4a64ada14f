import { memory } from '@trunkline/core'
import { describe, test } from 'vitest'

import { notifierContract, storeContract } from '../src/index.ts'

const dispose = async () => {}

describe('the store of memory()', () => {
  for (const c of storeContract(async () => ({ store: memory().store, dispose }))) test(c.name, c.run)
})

describe('the notifier of memory()', () => {
  for (const c of notifierContract(async () => ({ notifier: memory().notifier, dispose }))) test(c.name, c.run)
})
