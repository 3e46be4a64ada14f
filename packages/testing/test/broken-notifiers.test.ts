import { memory } from '@trunkline/core'
import { describe, expect, test } from 'vitest'

import { notifierContract } from '../src/index.ts'
import { OnPurpose } from './broken/broken-store.ts'
import { brokenNotifier, type NotifierFault, notifierFaults } from './broken/notifier-faults.ts'

const dispose = async () => {}
const names = notifierContract(async () => ({ notifier: memory().notifier, dispose })).map(({ name }) => name)

test('each case of a notifier has a fault that it finds', () => {
  expect(Object.keys(notifierFaults).toSorted()).toEqual(names.toSorted())
})

for (const [name, kinds] of Object.entries(notifierFaults)) {
  describe.concurrent(`"${name}" finds a notifier that`, () => {
    test.for(Object.entries(kinds))('%s', async ([, fault]) => {
      await expect(run(name, fault)).rejects.toSatisfy(
        (error) => error instanceof OnPurpose || (error instanceof Error && error.name === 'ContractError'),
      )
    })
  })
}

async function run(name: string, fault: NotifierFault): Promise<void> {
  const cases = notifierContract(async () => ({ notifier: brokenNotifier(fault), dispose }), { limitMs: 500 })
  const found = cases.find((item) => item.name === name)
  if (found === undefined) throw new Error(`There is no case "${name}".`)
  await found.run()
}
