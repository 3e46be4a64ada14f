import { memory } from '@trunkline/core'
import { describe, expect, test } from 'vitest'

import { storeContract } from '../src/index.ts'
import { appendFaults } from './broken/append-faults.ts'
import { archiveFaults } from './broken/archive-faults.ts'
import { brokenStore, OnPurpose, type StoreFault, type StoreFaults } from './broken/broken-store.ts'
import { keyFaults } from './broken/key-faults.ts'
import { pruneFaults } from './broken/prune-faults.ts'
import { readFaults } from './broken/read-faults.ts'
import { trackFaults } from './broken/track-faults.ts'

const faults: StoreFaults = { ...appendFaults, ...readFaults, ...pruneFaults, ...keyFaults, ...archiveFaults, ...trackFaults }
const dispose = async () => {}
const names = storeContract(async () => ({ store: memory().store, dispose })).map(({ name }) => name)

describe('the cases of a store', () => {
  test('each have a fault that they find', () => {
    expect(Object.keys(faults).toSorted()).toEqual(names.toSorted())
  })

  test('each have a name and a rule of their own', () => {
    const cases = storeContract(async () => ({ store: memory().store, dispose }))
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
    for (const { must } of cases) expect(must).toMatch(/MUST/)
  })
})

for (const [name, kinds] of Object.entries(faults)) {
  describe.concurrent(`"${name}" finds a store that`, () => {
    test.for(Object.entries(kinds))('%s', async ([, fault]) => {
      await expect(run(name, fault)).rejects.toSatisfy(isFinding)
    })
  })
}

async function run(name: string, fault: StoreFault): Promise<void> {
  const cases = storeContract(async () => ({ store: brokenStore(fault), dispose }), { limitMs: 2_000 })
  const found = cases.find((item) => item.name === name)
  if (found === undefined) throw new Error(`There is no case "${name}".`)
  await found.run()
}

/** Not any error will do: the case has to have said what is wrong, or the store to have failed on purpose. */
function isFinding(error: unknown): boolean {
  return error instanceof OnPurpose || (error instanceof Error && error.name === 'ContractError')
}
