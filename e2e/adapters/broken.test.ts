import { adapterContract, type ContractCase } from '@trunkline/testing'
import { afterAll, describe, expect, test } from 'vitest'

import { type AdapterFault, brokenHost, clearTimers } from './broken/broken-adapter.ts'
import { brokenNodeHost, type NodeFault } from './broken/broken-node.ts'
import { adapterFaults } from './broken/faults.ts'

afterAll(clearTimers)

const honest = adapterContract((setup) => brokenHost(setup, {}))

describe('the cases of an adapter', () => {
  test('each have a fault that they find', () => {
    expect(Object.keys(adapterFaults).toSorted()).toEqual(honest.map(({ name }) => name).toSorted())
  })

  test('each have a name and a rule of their own', () => {
    expect(new Set(honest.map(({ name }) => name)).size).toBe(honest.length)
    for (const { must } of honest) expect(must).toMatch(/MUST/)
  })
})

describe('the adapter that the broken ones are made from is right:', () => {
  for (const c of honest) test(c.name, c.run)
})

for (const [name, kinds] of Object.entries(adapterFaults)) {
  describe.concurrent(`"${name}" finds an adapter that`, () => {
    test.for(Object.entries(kinds))('%s', async ([, fault]) => {
      await expect(run(name, fault)).rejects.toMatchObject({ name: 'ContractError' })
    })
  })
}

describe('on real sockets', () => {
  const leaves = 'who leaves is forgotten within a second'
  const lazy = 'a client that never reads costs a bounded number of bytes and slows nobody'
  const residue = 'streams that ended leave no listener and no timer behind'
  const ends = 'a stream ends with a goodbye when the trunkline stops'
  const faults: readonly (readonly [string, NodeFault])[] = [
    [lazy, 'does not look at what write() says'],
    [leaves, 'does not listen for close'],
    ['who leaves without having read is forgotten within a second', 'does not listen for close'],
    [residue, 'leaves a listener on the server'],
    [residue, 'leaves a timer'],
    [ends, 'does not end its answers'],
  ]
  test.each(faults)('"%s" finds an adapter that %s', async (name, fault) => {
    await only(
      name,
      adapterContract((setup) => brokenNodeHost(setup, null)),
    ).run()
    const cases = adapterContract((setup) => brokenNodeHost(setup, fault), { limitMs: 2_000 })
    await expect(only(name, cases).run()).rejects.toMatchObject({ name: 'ContractError' })
  })
})

async function run(name: string, fault: AdapterFault): Promise<void> {
  const cases = adapterContract((setup) => brokenHost(setup, fault), { limitMs: 2_000 })
  await only(name, cases).run()
}

function only(name: string, cases: readonly ContractCase[]): ContractCase {
  const found = cases.find((item) => item.name === name)
  if (found === undefined) throw new Error(`There is no case "${name}".`)
  return found
}
