import { memory } from '@trunkline/core'
import { describe, expect, test, vi } from 'vitest'

import { type ContractCase, storeContract, type StoreDeployment } from '../src/index.ts'
import { brokenStore } from './broken/broken-store.ts'

const first = 'append places events in the order in which they were given'
const create = async (): Promise<StoreDeployment> => ({ store: memory().store, dispose: async () => {} })

describe('skip', () => {
  test('leaves a case out', () => {
    const cases = storeContract(create, { skip: [{ name: first, because: 'this store is for reading only' }] })
    expect(cases).toHaveLength(storeContract(create).length - 1)
    expect(cases.map(({ name }) => name)).not.toContain(first)
  })

  test('refuses a name that no case has', () => {
    expect(() => storeContract(create, { skip: [{ name: 'append', because: 'of this and that' }] })).toThrow(
      'there is no case "append"',
    )
  })

  test('refuses an empty reason', () => {
    expect(() => storeContract(create, { skip: [{ name: first, because: ' ' }] })).toThrow('say in because')
  })
})

describe('a case', () => {
  test('ends with an error when the store never answers', async () => {
    const dispose = vi.fn<() => Promise<void>>(async () => {})
    const store = brokenStore(() => ({ append: () => new Promise(() => {}) }))
    await expect(named(storeContract(async () => ({ store, dispose }), { limitMs: 20 })).run()).rejects.toThrow('after 20 ms')
    expect(dispose).toHaveBeenCalledOnce()
  })

  test('says what was wrong and which rule it breaks', async () => {
    const store = brokenStore((honest) => ({ append: async (...call) => (await honest.append(...call)).slice(1) }))
    const run = named(storeContract(async () => ({ store, dispose: async () => {} }))).run()
    await expect(run).rejects.toThrow('append: got 4 places for 5 events.\nappend MUST resolve with one place per event')
  })

  test('gives the error of the store as it is', async () => {
    const error = new Error('out of disk')
    const store = brokenStore(() => ({ append: () => Promise.reject(error) }))
    await expect(named(storeContract(async () => ({ store, dispose: async () => {} }))).run()).rejects.toBe(error)
  })

  test('disposes of every deployment it has opened', async () => {
    let open = 0
    const counted = async (): Promise<StoreDeployment> => {
      open++
      return { store: memory().store, dispose: async () => void open-- }
    }
    for (const c of storeContract(counted)) await c.run()
    expect(open).toBe(0)
  })

  test('tries all processes of a deployment', async () => {
    const { store } = memory()
    const other = brokenStore(() => ({}))
    const deployment = async () => ({ store, others: [other], dispose: async () => {} })
    const c = storeContract(deployment).find(({ name }) => name === 'an appended event can be read at once')
    await expect(c?.run()).rejects.toThrow('read right after append')
  })
})

function named(cases: readonly ContractCase[]): ContractCase {
  const found = cases.find(({ name }) => name === first)
  if (found === undefined) throw new Error(`There is no case "${first}".`)
  return found
}
