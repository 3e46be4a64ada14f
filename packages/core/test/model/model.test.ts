import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { checkClient, isServed } from './oracle.ts'
import { schedule, type Step } from './steps.ts'
import { World } from './world.ts'

/*
 * Random schedules of everything that happens to a log and to its clients, with the promises of docs/delivery.md as the oracle:
 * a client sees every stored event that is for it, once and in order, or `reset` before any newer one; and never anything else.
 *
 * `TRUNKLINE_SCHEDULES=10000` runs the long form.
 */
const schedules = Number(process.env['TRUNKLINE_SCHEDULES'] ?? 300)
const limitMs = 600_000
/** How long after the last step everybody may take to be served, in milliseconds. */
const servedWithinMs = 2_000

const usual = {
  publish: 6,
  publishUnstored: 1,
  publishInTransaction: 2,
  endTransaction: 2,
  read: 4,
  reconnect: 3,
  loseNotifications: 2,
  relisten: 2,
  restart: 2,
  settle: 2,
}

describe('no schedule makes a client lose, repeat or see what it must not', () => {
  test.each([
    ['on a log that is pruned', { ...usual, prune: 1 }],
    ['while rights are given and taken', { ...usual, changeRights: 3 }],
    ['on a log that forgets events it had given out', { ...usual, forget: 2, slowReads: 2, slowHooks: 2, settle: 4 }],
  ])(
    '%s',
    async (_, weights) => {
      await fc.assert(fc.asyncProperty(schedule(weights), run), { numRuns: schedules })
    },
    limitMs,
  )
})

async function run(steps: readonly Step[]): Promise<void> {
  await using world = await World.open()
  for (const step of steps) await world.take(step)
  const end = Date.now() + servedWithinMs
  // Once more when all are served: nothing may come on top.
  for (let rounds = 0; rounds < 2 && Date.now() < end;) {
    await world.settle()
    rounds = world.clients.every((client) => isServed(client, world)) ? rounds + 1 : 0
  }
  for (const client of world.clients) checkClient(client, world)

  const id = await world.publishToChannel()
  await world.settle()
  const receivers = world.clients.filter(({ shown }) => shown.flat().includes(id))
  expect(receivers.filter(({ userId }) => world.forbidden.has(userId))).toEqual([])
}
