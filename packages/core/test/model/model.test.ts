import { createTrunkline, type LogEvent, type Trunkline } from '@trunkline/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Client } from './client.ts'
import { ForgetfulLog } from '../forgetful-log.ts'
import { schedule, type Step } from './steps.ts'
import { ticks } from '../ticks.ts'

/*
 * Random schedules of everything that happens to a log and to its clients, with the promises of docs/delivery.md as the oracle:
 * a client sees every stored event that is for it, once and in order, or `reset` before any newer one; and never anything else.
 *
 * `TRUNKLINE_SCHEDULES=10000` runs the long form.
 */
const schedules = Number(process.env['TRUNKLINE_SCHEDULES'] ?? 300)
const limitMs = 600_000

const users = ['1', '2', null] as const
/** How long after the last step everybody may take to see everything, in milliseconds. */
const settledWithinMs = 2_000

const usual = { publish: 6, publishUnstored: 1, read: 4, reconnect: 3, loseNotifications: 2, relisten: 2, restart: 2, settle: 2 }

describe('no schedule makes a client lose, repeat or see what it must not', () => {
  test.each([
    ['on a log that is pruned', { ...usual, prune: 1 }],
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
  const log = new ForgetfulLog()
  /** All that ever were in the log, and those of them that it has not forgotten. */
  const ever = new Map<string, LogEvent>()
  const valid = new Map<string, LogEvent>()
  const unstored = new Set<string>()
  let hooks = { onReceive: 0, beforeSend: 0 }
  const slowly = <T>(event: T, count: number): T | Promise<T> => (count === 0 ? event : ticks(count).then(() => event))
  const open = (): Trunkline =>
    createTrunkline({
      store: log.store,
      notifier: log.notifier,
      canRead: () => true,
      retention: false,
      onError: () => {},
      onReceive: (event) => slowly(event, hooks.onReceive),
      beforeSend: (event) => slowly(event, hooks.beforeSend),
    })
  const servers: [Trunkline, Trunkline] = [open(), open()]
  const publisher = open()
  const clients = [...users, '1'].map((userId) => new Client(userId))
  try {
    await Promise.all(clients.map((client, index) => client.connect(servers[(index % 2) as 0 | 1])))
    for (const step of steps) await take(step)
    await drain()
    for (const client of clients) check(client)
  } finally {
    for (const client of clients) client.close()
    await Promise.all([...servers, publisher].map((trunkline) => trunkline.stop({ graceMs: 0 })))
  }

  async function take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'publish': {
        const scoped = {
          user: { scope: 'user', userId: users[step.who] as string },
          global: { scope: 'global' },
          channel: { scope: 'channel', channel: 'room', skipUserIds: ['2'] },
          system: { scope: 'system' },
        }[step.to]
        await publisher.publishMany(Array.from({ length: step.count }, () => ({ ...scoped, type: 'x' }) as never))
        for (const event of log.events) for (const events of [ever, valid]) events.set(event.id, event)
        break
      }
      case 'publishUnstored': {
        const userId = users[step.who] as string
        const { isHeard } = log
        const { id } = await publisher.publish({ userId, type: 'live', store: false })
        unstored.add(id)
        if (isHeard) for (const client of clients) if (client.userId === userId) client.expect(id)
        break
      }
      case 'read':
        for (let n = 0; n < step.chunks; n++) await clients[step.client]?.read()
        break
      case 'reconnect':
        await clients[step.client]?.connect(servers[step.server as 0 | 1])
        break
      case 'loseNotifications':
        log.loseNotifications(step.count)
        break
      case 'relisten':
        log.relisten()
        break
      case 'prune':
        await log.store.prune({ keep: step.keep, limit: 1_000 })
        break
      case 'restart': {
        // A new process knows nothing of what came before it: its clients are behind its ring.
        const old = servers[step.server as 0 | 1]
        await old.stop()
        const fresh = open()
        servers[step.server as 0 | 1] = fresh
        await Promise.all(clients.filter(({ server }) => server === old).map((client) => client.connect(fresh)))
        break
      }
      case 'settle':
        await ticks(step.ticks)
        break
      case 'forget': {
        const before = log.events
        log.forget(step.count)
        for (const { id } of before.slice(log.events.length)) valid.delete(id)
        break
      }
      case 'slowReads':
        log.slow = step
        break
      case 'slowHooks':
        hooks = step
    }
  }

  /** Lets everything arrive: listeners look, clients read until they have all, and once more. */
  async function drain(): Promise<void> {
    log.slow = { before: 0, after: 0 }
    hooks = { onReceive: 0, beforeSend: 0 }
    const end = Date.now() + settledWithinMs
    for (let rounds = 0; rounds < 2 && Date.now() < end;) {
      log.relisten()
      for (let n = 0; n < 5; n++) await Promise.all(clients.map((client) => client.read()))
      rounds = clients.every((client) => missing(client).length === 0) ? rounds + 1 : 0
    }
  }

  /** What it has to be shown and was not: of the log as it is, from where it stands, and of what is not stored. */
  function missing({ userId, since, shown, due }: Client): readonly string[] {
    const seen = new Set(shown.at(-1))
    const stored = [...valid.values()].filter((event) => isFor(event, userId) && event.position > since)
    const live = due.filter(({ resets }) => resets === shown.length)
    return [...stored, ...live].map(({ id }) => id).filter((id) => !seen.has(id))
  }

  function check(client: Client): void {
    expect(missing(client)).toEqual([])
    const shown = client.shown.flat()
    expect(shown).toHaveLength(new Set(shown).size)
    const strange = shown.filter((id) => !unstored.has(id) && !isFor(ever.get(id), client.userId))
    expect(strange).toEqual([])
    for (const [index, stretch] of client.shown.entries()) {
      const stored = stretch.filter((id) => !unstored.has(id))
      const positions = stored.map((id) => ever.get(id)?.position ?? Number.NaN)
      expect(positions).toEqual(positions.toSorted((a, b) => a - b))
      // What the log has forgotten is followed by a reset.
      if (index === client.shown.length - 1) expect(stored.filter((id) => !valid.has(id))).toEqual([])
    }
  }
}

function isFor(event: LogEvent | undefined, userId: string | null): boolean {
  switch (event?.scope) {
    case 'global':
      return true
    case 'channel':
      return userId !== '2'
    case 'user':
      return userId !== null && event.userId === userId
    default:
      return false
  }
}
