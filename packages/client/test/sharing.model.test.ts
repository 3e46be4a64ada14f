import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  option,
  record,
  uniqueArray,
} from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { type Step, World } from './model-world.ts'

beforeEach(() => void vi.stubGlobal('document', { hidden: false }))
afterEach(() => void vi.unstubAllGlobals())

const channel = constantFrom('', '', 'a', 'b', 'c')
const tab = nat(5)
const step: Arbitrary<Step> = oneof(
  {
    weight: 4,
    arbitrary: record({
      do: constant('open'),
      channels: uniqueArray(constantFrom('a', 'b', 'c'), { maxLength: 2 }),
      behind: option(nat(8)),
    }),
  },
  { weight: 5, arbitrary: record({ do: constantFrom('close', 'crash', 'freeze', 'thaw', 'leave', 'return'), tab }) },
  {
    weight: 8,
    arbitrary: record({ do: constant('publish'), channels: array(channel, { minLength: 1, maxLength: 5 }) }),
  },
  { weight: 6, arbitrary: record({ do: constant('wait'), ms: oneof(nat(60), nat(5_000)) }) },
  { weight: 1, arbitrary: record({ do: constantFrom('cut', 'serverDown', 'serverUp') }) },
)

test('whatever happens to tabs, each one that lives has every event once, in order, and one stream is enough', async () => {
  await assert(
    asyncProperty(integer(), array(step, { minLength: 5, maxLength: 40 }), async (seed, steps) => {
      const world = new World(seed)
      world.open(['a'], 0)
      for (const next of steps) await world.take(next)
      await world.settle()
      for (const each of world.tabs) {
        expect(each.resets).toEqual([])
        expect(each.seen).toEqual(world.missedBy(each))
      }
      const roles = world.tabs.map(({ client }) => client.state.status === 'open' && client.state.role)
      expect(roles.map(String).toSorted()).toEqual([...roles.slice(1).fill('follower'), ...(roles.length > 0 ? ['leader'] : [])])
      expect(world.server.streams.size).toBe(Math.min(1, roles.length))
      for (const { client } of world.tabs) client.close()
    }),
    { numRuns: Number(process.env['MODEL_RUNS'] ?? 300) },
  )
}, 60_000)

test('a tab whose place was pruned is told so, and no other', async () => {
  const world = new World(1)
  const [first, second] = [world.open([], null), world.open([], null)]
  await world.browser.advance(5_000)
  for (let count = 0; count < 5; count++) world.server.publish('')
  await world.browser.advance(1_000)
  world.server.prune()
  const late = world.open([], 3)
  await world.settle()
  expect([first, second, late].map(({ resets }) => resets)).toEqual([[], [], ['pruned']])
  for (const { seen } of [first, second]) expect(seen).toEqual([1, 2, 3, 4, 5, 6])
  expect(late.seen).toEqual([6])
})

test('a tab that crashes is read for no longer, also when it does not lead', async () => {
  const world = new World(1)
  world.open([], null)
  await world.browser.advance(5_000)
  const crashing = world.open(['a'], null)
  await world.browser.advance(5_000)
  const streamed = (): readonly (readonly string[])[] => Array.from(world.server.streams, ({ channels }) => channels)
  expect(streamed()).toEqual([['a']])
  crashing.page.crash()
  world.open(['b'], null)
  await world.browser.advance(5_000)
  expect(streamed()).toEqual([['b']])
})

test('a channel that is refused ends the tab that asked for it, leader or not, and no other', async () => {
  const world = new World(1)
  const [first, second] = [world.open(['closed'], null), world.open(['a'], null)]
  await world.settle()
  expect(first.client.state).toEqual({ status: 'stopped', reason: 'forbidden' })
  expect(second.client.state.status).toBe('open')
})

test('where a page may have no locks it connects alone', async () => {
  const world = new World(1)
  const page = world.browser.openTab()
  const refused = {
    openBus: () => expect.unreachable(),
    lock: (_name: string, _steal: boolean, _held: unknown, lost?: () => void) => page.soon(lost!),
  }
  const { client } = world.open([], null, { ...page, seams: { ...page.seams, sharing: refused } })
  await world.browser.advance(1_000)
  expect(client.state).toMatchObject({ status: 'open', role: 'alone' })
})
