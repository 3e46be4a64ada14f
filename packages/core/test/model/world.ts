import type { AnyEvents, LogEvent, Trunkline, TrunklineOptions } from '@trunkline/core'

import { Server } from '../../src/server.ts'
import { ForgetfulLog, type Transaction } from '../forgetful-log.ts'
import { ticks } from '../ticks.ts'
import { Client } from './client.ts'
import type { Step } from './steps.ts'

type Process = Trunkline<AnyEvents, Transaction>

/** So small that clients are overtaken in a short schedule. */
const ringBounds = { entries: 6, bytes: 10_000 }
const users = ['1', '2', null] as const

/** A deployment with its log, two serving processes, a publishing one, and four clients; and what a schedule has done to it. */
export class World implements AsyncDisposable {
  readonly log = new ForgetfulLog()
  readonly clients: readonly Client[] = [...users, '1'].map((userId) => new Client(userId, (id) => !this.forbidden.has(id)))
  /** All that ever were in the log. */
  readonly ever = new Map<string, LogEvent>()
  /** Those of them that it has not forgotten. */
  readonly valid = new Map<string, LogEvent>()
  readonly unstored = new Set<string>()
  /** Who may not read the channel now, and whose right to it has changed at some time. */
  readonly forbidden = new Set<string | null>()
  readonly everChanged = new Set<string | null>()
  readonly #servers: [Process, Process] = [this.#open(), this.#open()]
  readonly #publisher: Process = this.#open()
  #hooks = { onReceive: 0, beforeSend: 0 }
  #transaction: Transaction = []

  static async open(): Promise<World> {
    const world = new World()
    await Promise.all(world.clients.map((client, index) => client.connect(world.#servers[(index % 2) as 0 | 1])))
    return world
  }

  async take(step: Step): Promise<void> {
    await this.#do(step)
    for (const event of this.log.events) for (const events of [this.ever, this.valid]) events.set(event.id, event)
  }

  /** Everything is as fast as it can be, everyone listens and reads, and who was ended comes back. */
  async settle(): Promise<void> {
    this.log.slow = { before: 0, after: 0 }
    this.#hooks = { onReceive: 0, beforeSend: 0 }
    this.log.relisten()
    for (let n = 0; n < 5; n++) await Promise.all(this.clients.map((client) => client.read()))
    await Promise.all(this.clients.filter(({ isOver }) => isOver).map((client) => client.connect(this.#servers[0])))
  }

  /** Publishes to the channel; resolves with the event's id. */
  async publishToChannel(): Promise<string> {
    return (await this.#publisher.publishToChannel({ channel: 'room', type: 'x' })).id
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) client.close()
    await Promise.all([...this.#servers, this.#publisher].map((trunkline) => trunkline.stop({ graceMs: 0 })))
  }

  async #do(step: Step): Promise<void> {
    const { log, clients, forbidden } = this
    switch (step.kind) {
      case 'publish': {
        const scoped = {
          user: { scope: 'user', userId: users[step.who] as string },
          global: { scope: 'global' },
          channel: { scope: 'channel', channel: 'room', skipUserIds: ['2'] },
          system: { scope: 'system' },
        }[step.to]
        await this.#publisher.publishMany(Array.from({ length: step.count }, () => ({ ...scoped, type: 'x' }) as never))
        break
      }
      case 'publishUnstored': {
        const userId = users[step.who] as string
        const { isHeard } = log
        const { id } = await this.#publisher.publish({ userId, type: 'live', store: false })
        this.unstored.add(id)
        if (isHeard) for (const client of clients) if (client.userId === userId) client.expect(id)
        break
      }
      case 'publishInTransaction':
        await this.#publisher.publish({ userId: users[step.who] as string, type: 'x' }, { transaction: this.#transaction })
        break
      case 'endTransaction':
        if (step.isCommit) await log.commit(this.#transaction)
        this.#transaction = []
        break
      case 'changeRights': {
        const { userId } = clients[step.client] as Client
        if (step.may) forbidden.delete(userId)
        else forbidden.add(userId)
        this.everChanged.add(userId)
        await this.#publisher.permissionChanged({ channel: 'room', ...(userId === null ? {} : { userId }) })
        break
      }
      case 'read':
        for (let n = 0; n < step.chunks; n++) await clients[step.client]?.read()
        break
      case 'reconnect':
        await clients[step.client]?.connect(this.#servers[step.server as 0 | 1])
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
        const old = this.#servers[step.server as 0 | 1]
        await old.stop()
        const fresh = this.#open()
        this.#servers[step.server as 0 | 1] = fresh
        await Promise.all(clients.filter(({ server }) => server === old).map((client) => client.connect(fresh)))
        break
      }
      case 'settle':
        await ticks(step.ticks)
        break
      case 'forget': {
        const before = log.events
        log.forget(step.count)
        for (const { id } of before.slice(log.events.length)) this.valid.delete(id)
        break
      }
      case 'slowReads':
        log.slow = step
        break
      case 'slowHooks':
        this.#hooks = step
    }
  }

  #open(): Process {
    const options: TrunklineOptions<{}, Transaction, unknown> = {
      store: this.log.store,
      notifier: this.log.notifier,
      canRead: ({ userId }) => !this.forbidden.has(userId),
      retention: false,
      onError: () => {},
      onReceive: (event) => slowly(event, this.#hooks.onReceive),
      beforeSend: (event) => slowly(event, this.#hooks.beforeSend),
    }
    // As createTrunkline does, with a small memory.
    return new Server(options, ringBounds) as unknown as Process
  }
}

function slowly<T>(event: T, count: number): T | Promise<T> {
  return count === 0 ? event : ticks(count).then(() => event)
}
