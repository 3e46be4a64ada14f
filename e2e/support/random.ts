import { onTestFailed } from 'vitest'

/** Numbers that look random and come again with the same seed. */
export interface Random {
  (): number
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** Another source, for a part of the test that runs beside this one: it does not depend on how the two take turns. */
  fork(): Random
}

/** The source of all chance in one test. A test that fails says its seed; `SEED=… pnpm test` runs it again. */
export function testRandom(): Random {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  onTestFailed(() => console.error(`This was with SEED=${seed}`))
  return createRandom(seed)
}

function createRandom(seed: number): Random {
  let state = seed | 0
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return Object.assign(next, {
    between: (from: number, to: number) => from + Math.floor(next() * (to - from + 1)),
    chance: (probability: number) => next() < probability,
    fork: () => createRandom(Math.floor(next() * 2 ** 31)),
  })
}
