import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createTrunkline, memory, type LogEvent, type Notifier, type Store, type Trunkline } from '@trunkline/core'

import { parseCursor } from '../src/cursor.ts'
import { StreamReader } from './support.ts'

/*
 * Random schedules of everything that happens to a log and to its clients, with the promises of docs/delivery.md as the oracle:
 * a client sees every stored event that is for it, once and in order, or `reset` before any newer one; and never anything else.
 *
 * `TRUNKLINE_SCHEDULES=10000` runs the long form.
 */
const schedules = Number(process.env['TRUNKLINE_SCHEDULES'] ?? 300)

const users = ['1', '2', null] as const

type Step =
  | {
      readonly kind: 'publish'
      readonly to: 'user' | 'global' | 'channel' | 'system'
      readonly who: number
      readonly count: number
    }
  | { readonly kind: 'publishUnstored'; readonly who: number }
  | { readonly kind: 'read'; readonly client: number; readonly chunks: number }
  | { readonly kind: 'reconnect'; readonly client: number; readonly server: number }
  | { readonly kind: 'loseNotifications'; readonly count: number }
  | { readonly kind: 'relisten' }
  | { readonly kind: 'prune'; readonly keep: number }
  | { readonly kind: 'restart'; readonly server: number }
  | { readonly kind: 'settle' }

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('publish'),
      to: fc.constantFrom('user', 'global', 'channel', 'system'),
      who: fc.nat(1),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('publishUnstored'), who: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('read'), client: fc.nat(3), chunks: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('reconnect'), client: fc.nat(3), server: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('loseNotifications'), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('relisten') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('prune'), keep: fc.nat(8) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart'), server: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle') }) },
) as fc.Arbitrary<Step>

/** A deployment whose notifications can be lost, and whose listeners can be made to listen anew. */
function faulty() {
  const { store, notifier } = memory()
  const relisten = new Set<() => void>()
  let toLose = 0
  const losing: Notifier = {
    notify: async (payload) => {
      if (toLose > 0) toLose--
      else await notifier.notify(payload)
    },
    listen: (handlers) => {
      const again = (): void => handlers.onListening()
      relisten.add(again)
      const stop = notifier.listen(handlers)
      return async () => {
        relisten.delete(again)
        await stop()
      }
    },
  }
  return {
    store,
    notifier: losing,
    lose: (count: number) => (toLose += count),
    relisten: () => relisten.forEach((again) => again()),
  }
}

/** A client that keeps its cursor, drops what it has seen, and remembers what it was shown. */
class Client {
  readonly userId: string | null
  readonly shown: { id: string; reset?: undefined }[] = []
  /** How many events had been shown, at each reset. */
  readonly resets: number[] = []
  /** The position from which on nothing may be missing; moved by a reset. */
  since = 0
  cursor: string | undefined
  server: Trunkline | undefined
  #reader: StreamReader | undefined
  #taken = 0
  #pending: Promise<void> | undefined
  #close: () => void = () => {}

  constructor(userId: string | null) {
    this.userId = userId
  }

  async connect(trunkline: Trunkline): Promise<void> {
    this.server = trunkline
    this.#close()
    const stream = await trunkline.connect({
      userId: this.userId,
      channels: ['room'],
      ...(this.cursor === undefined ? {} : { cursor: this.cursor }),
    })
    this.#close = () => stream.close()
    this.#reader = new StreamReader(stream)
    this.#taken = 0
    this.#pending = undefined
    await this.#reader.readChunk()
    this.#take()
  }

  /** Takes one chunk if there is one; a read that finds nothing stays open, as a socket's does. */
  async read(): Promise<void> {
    if (this.#reader === undefined) return
    this.#pending ??= this.#reader.readChunk().then(() => {
      this.#pending = undefined
    })
    await Promise.race([this.#pending, tick()])
    this.#take()
  }

  close(): void {
    this.#close()
  }

  #take(): void {
    const { frames } = this.#reader as StreamReader
    for (; this.#taken < frames.length; this.#taken++) {
      const { event, id, data } = frames[this.#taken] as (typeof frames)[number]
      if (event === 'reset') {
        this.resets.push(this.shown.length)
        this.since = parseCursor(id ?? '')?.position ?? 0
        this.cursor = id
        continue
      }
      if (event === 'connected' && this.cursor === undefined) this.since = parseCursor(id ?? '')?.position ?? 0
      const known = event === undefined && id !== undefined && this.cursor !== undefined && id <= this.cursor
      // An id that goes back would make a client that resumes see things twice.
      if (id !== undefined) {
        if (this.cursor !== undefined) expect(id >= this.cursor || event === 'connected').toBe(true)
        this.cursor = id
      }
      if (event === undefined) {
        expect(known).toBe(false)
        this.shown.push({ id: (JSON.parse(data) as { id: string }).id })
      }
    }
  }
}

async function run(schedule: readonly Step[]): Promise<void> {
  const { store, notifier, lose, relisten } = faulty()
  const history = new Map<string, LogEvent>()
  const options = { store, notifier, canRead: () => true, retention: { maxEvents: 1_000 }, onError: () => {} }
  const servers: [Trunkline, Trunkline] = [createTrunkline(options), createTrunkline(options)]
  const publisher = createTrunkline(options)
  const clients = [...users, '1'].map((userId) => new Client(userId))
  const unstored = new Set<string>()
  try {
    await Promise.all(clients.map((client, index) => client.connect(servers[(index % 2) as 0 | 1])))
    for (const step of schedule) {
      await take(step)
    }
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
        await remember(store, history)
        break
      }
      case 'publishUnstored':
        unstored.add((await publisher.publish({ userId: users[step.who] as string, type: 'live', store: false })).id)
        break
      case 'read':
        for (let n = 0; n < step.chunks; n++) await clients[step.client]?.read()
        break
      case 'reconnect':
        await clients[step.client]?.connect(servers[step.server as 0 | 1])
        break
      case 'loseNotifications':
        lose(step.count)
        break
      case 'relisten':
        relisten()
        break
      case 'prune':
        await store.prune({ keep: step.keep, limit: 1_000 })
        break
      case 'restart': {
        // A new process knows nothing of what came before it: its clients are behind its ring.
        const old = servers[step.server as 0 | 1]
        await old.stop()
        const fresh = createTrunkline(options)
        servers[step.server as 0 | 1] = fresh
        await Promise.all(clients.filter(({ server }) => server === old).map((client) => client.connect(fresh)))
        break
      }
      case 'settle':
        await tick()
    }
  }

  /** Lets everything arrive: listeners look, clients read until nothing comes any more. */
  async function drain(): Promise<void> {
    for (let quiet = 0; quiet < 3;) {
      relisten()
      const before = clients.map(({ shown, resets }) => shown.length + resets.length).join()
      for (let n = 0; n < 5; n++) await Promise.all(clients.map((client) => client.read()))
      quiet = clients.map(({ shown, resets }) => shown.length + resets.length).join() === before ? quiet + 1 : 0
    }
  }

  function check(client: Client): void {
    const isFor = ({ scope, userId }: LogEvent): boolean =>
      scope === 'global' ||
      (scope === 'channel' && client.userId !== '2') ||
      (scope === 'user' && client.userId !== null && userId === client.userId)
    const due = [...history.values()].filter(isFor)
    const positions = client.shown.filter(({ id }) => !unstored.has(id)).map(({ id }) => history.get(id)?.position)
    // Nothing that is not for it, nothing twice, in order.
    expect(client.shown.every(({ id }) => unstored.has(id) || due.some((event) => event.id === id))).toBe(true)
    expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => Number(a) - Number(b)))
    // Everything from where it stands without a gap; before that, a reset has said that there may be one.
    const wanted = due.map(({ position }) => position).filter((position) => position > client.since)
    expect(positions.filter((position) => Number(position) > client.since)).toEqual(wanted)
  }
}

async function remember(store: Store, history: Map<string, LogEvent>): Promise<void> {
  const { floor } = await store.bounds()
  const { events } = await store.read({ after: floor, audience: 'everything', limit: 10_000, signal: AbortSignal.timeout(1_000) })
  for (const event of events) history.set(event.id, event)
}

/** One turn of everything that is ready. */
function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('no schedule makes a client lose, repeat or see what it must not', async () => {
  await fc.assert(fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 60 }), run), { numRuns: schedules })
}, 600_000)
