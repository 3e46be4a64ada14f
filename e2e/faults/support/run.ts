import { TrunklineError } from '@trunkline/core'
import { afterAll, describe, expect, test } from 'vitest'

import { type Random, testRandom } from '../../support/random.ts'
import { beginScene, type Scene, type SceneOptions } from './scene.ts'
import { type Result, table } from './table.ts'
import { tally } from './tally.ts'

/** One way for things to go wrong. */
export interface Fault {
  /** Its line in the table. */
  readonly name: string
  /** Begins a scene and does to it what the name says. What is published, seen and counted around it is the same for all. */
  readonly strike: (stage: Stage) => Promise<Outcome>
}

/** Where a fault happens. */
export interface Stage {
  readonly random: Random
  /** What is used ends with the case. */
  use<T extends AsyncDisposable>(thing: T): T
  /** Once in each case. */
  begin(options?: SceneOptions): Promise<Scene>
}

/** What came of a fault, beside the counts. */
export interface Outcome {
  /** A few words for the table. */
  readonly note: string
  /** Reasons of the resets that are the promised answer, by witness. Defaults to none. */
  readonly resets?: Readonly<Record<string, readonly string[]>>
  /** How long an event may take to those who read all the time, where they must not notice more. */
  readonly slowestMs?: number
}

// What a process may tell its onError when its database or its network is away. Anything else is worse than that.
const expectedCodes = new Set(['store_unavailable', 'listen_failed', 'listen_deaf'])

/** A test for each fault, and at the end one table of them all. */
export function faultSuite(title: string, faults: readonly Fault[]): void {
  const results: Result[] = []
  describe(title, () => {
    for (const fault of faults) {
      test(`${fault.name}: nothing lost, duplicated, out of order or seen by others`, { timeout: 60_000 }, async () => {
        await tryOne(fault, results)
      })
    }
    afterAll(() => console.log(`${title}\n\n${table(results)}\n`))
  })
}

async function tryOne({ name, strike }: Fault, results: Result[]): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const random = testRandom()
  const scenes: Scene[] = []
  const {
    note,
    resets = {},
    slowestMs = Infinity,
  } = await strike({
    random,
    use: (thing) => stack.use(thing),
    begin: async (options = {}) => {
      const scene = await beginScene(stack, random, options)
      scenes.push(scene)
      await scene.goesOn(15)
      return scene
    },
  })
  const [scene] = scenes
  if (scene === undefined || scenes.length > 1) throw new Error('A fault begins one scene.')

  const { traffic, accounts, ledger, witnesses, deployment } = scene
  await scene.goesOn(15)
  await traffic.stop()
  await scene.settled()
  const counts = tally(accounts, ledger, witnesses)
  results.push({ fault: name, tally: counts, note })

  const { lost, duplicated, outOfOrder, foreign } = counts
  expect({ lost, duplicated, outOfOrder, foreign }).toEqual({ lost: [], duplicated: [], outOfOrder: [], foreign: [] })
  expect(counts.resets).toEqual(resets)
  expect(counts.slowestMs).toBeLessThan(slowestMs)
  expect(witnesses.flatMap(({ notes }) => notes.troubles)).toEqual([])
  expect(counts.committed).toBeGreaterThan(50)
  expect(counts.delivered).toBeGreaterThan(counts.committed)
  const worse = deployment.reported.filter(({ error }) => !(error instanceof TrunklineError && expectedCodes.has(error.code)))
  expect(worse).toEqual([])
  // Who publishes plainly is told by us; in a transaction it may have been the caller's own driver.
  const plain = accounts.failures.filter(({ names: [first = ''] }) => /p\d+\./.test(first))
  expect(plain.filter(({ code }) => code !== 'store_unavailable')).toEqual([])
}
