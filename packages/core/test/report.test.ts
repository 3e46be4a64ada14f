import { createTrunkline, memory, type Trunkline, TrunklineError } from '@trunkline/core'
import { afterEach, expect, test, vi } from 'vitest'

import { seldom } from '../src/report.ts'
import { StreamReader } from './support.ts'

const opened: Trunkline[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(opened.splice(0).map((trunkline) => trunkline.stop({ graceMs: 0 })))
})

function fail(): never {
  throw new Error('the disk is full')
}

test.each([
  ['logger', { logger: { debug: fail, info: fail, warn: fail, error: fail } }],
  ['onError', { onError: fail }],
])('a %s that throws harms nothing but itself, and the console says so', async (_, options) => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  const trunkline = createTrunkline({ ...memory(), ...options })
  opened.push(trunkline)
  trunkline.subscribe('a', () => {
    throw new Error('a mistake')
  })
  const reader = new StreamReader(await trunkline.connect({ userId: null }))
  const read = reader.untilEvents(2)
  await trunkline.publishGlobal({ type: 'a' })
  await trunkline.publishGlobal({ type: 'b' })
  await read
  expect(reader.events.map(({ type }) => type)).toEqual(['a', 'b'])
  expect(String(said.mock.calls)).toContain('the disk is full')
})

test('what a crowd runs into is told once a minute for each kind', () => {
  let now = 0
  const told: string[] = []
  const report = seldom(
    (error) => told.push((error as Error).message),
    () => now,
  )
  const say = (code: 'overloaded' | 'store_unavailable', message: string): void =>
    report(new TrunklineError(code, message), { stage: 'connection' })
  say('overloaded', 'full')
  say('overloaded', 'full again')
  say('store_unavailable', 'away')
  now = 59_999
  say('overloaded', 'full still')
  now = 60_000
  say('overloaded', 'full a minute later')
  expect(told).toEqual(['full', 'away', 'full a minute later'])
})
