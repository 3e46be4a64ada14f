import { setTimeout as pause } from 'node:timers/promises'

import { createTrunkline } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'
import postgresJs from 'postgres'

import { Accounts, type Inside } from '../src/accounts.ts'
import { alternate } from '../src/alternate.ts'
import { latencyOf } from '../src/latency.ts'
import { startPeer } from '../src/peers.ts'
import { sessionsRanUs } from '../src/process-time.ts'
import type { Bench, Measurement, Row } from '../src/row.ts'
import { ratios } from '../src/statistics.ts'
import { Arrivals, followStream } from '../src/stream.ts'
import { measurementsOf } from '../src/units.ts'

/** Every commit waits for 5 ms before its flush, and those that come meanwhile share it: what a slower disk does. */
const slowCommits = { commit_delay: 5_000, commit_siblings: 0 }

export const row: Row = {
  name: 'transactions',
  title: 'Publishing in a transaction',
  question:
    'What does an event cost the transactions of an application, what does one that stays open cost the others, and how soon after its commit is an event at the client?',
  method:
    '64 callers of postgres.js, each on a connection of its own: begin, one UPDATE, commit; with one event inside, without, and with a SELECT of a constant in its place, which is the least that a further statement costs. Once with commits as fast as the disk has them, once with commits that take 5 ms. Then the same while another transaction has published and sleeps for 5 s. Then 50 transactions a second: how long after the COMMIT is sent the event is at the client of another process.',
  async measure(bench) {
    const { isQuick, progress } = bench
    const fast = await compare(bench, {}, 'fast commits')
    const slow = await compare(bench, slowCommits, 'commits of 5 ms')
    progress('where the time goes')
    const spent = await whereTheTimeGoes(bench)
    progress('one transaction sleeps')
    const open = await besideOneThatSleeps(bench)
    progress('from commit to client')
    const latencies = []
    for (let run = 0; run < (isQuick ? 1 : 3); run++) latencies.push(await commitToClient(bench))
    const p50 = latencies.map((latency) => latency.p50)
    return {
      measurements: [
        ...measurementsOf('transactions, fast commits', 'per second', fast),
        ...measurementsOf('transactions, commits of 5 ms', 'per second', slow),
        ...spent,
        ...measurementsOf('transactions beside one that sleeps', 'per second', open),
        ...measurementsOf('from commit to client', 'ms', { p50, p99: latencies.map((latency) => latency.p99) }),
      ],
      claims: [
        {
          what: 'with an event against without, fast commits',
          values: ratios(fast['with an event'], fast['without']),
          atLeast: 0.8,
        },
        {
          what: 'with an event against without, commits of 5 ms',
          values: ratios(slow['with an event'], slow['without']),
          atLeast: 0.8,
        },
        {
          what: 'with a SELECT against without, fast commits',
          values: ratios(fast['with a SELECT'], fast['without']),
        },
        {
          what: 'with a SELECT against without, commits of 5 ms',
          values: ratios(slow['with a SELECT'], slow['without']),
        },
        {
          what: 'while one that has published sleeps, against without it',
          values: ratios(open['one sleeps'], open['none sleeps']),
          atLeast: 0.9,
        },
        { what: 'from commit to client, p50', unit: 'ms', values: p50, atMost: 4 },
      ],
    }
  },
}

async function compare({ isQuick, database, progress }: Bench, settings: Readonly<Record<string, number>>, what: string) {
  const url = await database(settings)
  await using site = await openSite(url)
  const { accounts, publish } = site
  const seconds = isQuick ? 1 : 3
  await accounts.rate(1, publish)
  return await alternate(
    {
      without: () => restAfter(() => accounts.rate(seconds)),
      'with a SELECT': () => restAfter(() => accounts.rate(seconds, select)),
      'with an event': () => restAfter(() => accounts.rate(seconds, publish)),
    },
    isQuick ? 1 : 5,
    (run) => progress(`${what}, ${run}`),
  )
}

/** Processor time of each process for one transaction. */
async function whereTheTimeGoes({ isQuick, database }: Bench): Promise<readonly Measurement[]> {
  if (process.platform !== 'linux') return []
  const url = await database({})
  await using site = await openSite(url)
  const { accounts, publish } = site
  const sql = postgresJs(url, { max: 1, onnotice: () => {}, connection: { application_name: 'bench' } })
  const seconds = isQuick ? 1 : 5
  const measurements: Measurement[] = []
  for (const [side, inside] of [['without'], ['with a SELECT', select], ['with an event', publish]] as const) {
    await accounts.rate(1, inside)
    const before = { sessions: await sessionsRanUs(sql), own: process.cpuUsage() }
    const count = (await accounts.rate(seconds, inside)) * seconds
    const { user, system } = process.cpuUsage(before.own)
    const after = await sessionsRanUs(sql)
    const sessions = (name: string): number => ((after.get(name) ?? 0) - (before.sessions.get(name) ?? 0)) / count
    const what = (whose: string): string => `CPU of ${whose} per transaction`
    measurements.push(
      { side, what: what('the application'), unit: 'µs', values: [(user + system) / count] },
      { side, what: what('its sessions'), unit: 'µs', values: [sessions('postgres.js')] },
      { side, what: what("Trunkline's sessions"), unit: 'µs', values: [sessions('trunkline')] },
    )
  }
  await sql.end()
  return measurements
}

async function besideOneThatSleeps({ isQuick, database, progress }: Bench) {
  const url = await database()
  await using site = await openSite(url)
  const { accounts, publish } = site
  await using sleeper = await Accounts.open(url, 1)
  const seconds = isQuick ? 2 : 5
  await accounts.rate(1, publish)
  return await alternate(
    {
      'none sleeps': () => restAfter(() => accounts.rate(seconds, publish)),
      'one sleeps': async () => {
        const published = Promise.withResolvers<void>()
        const asleep = sleeper.transact(async (transaction, n) => {
          await publish(transaction, -n)
          published.resolve()
          await transaction`select pg_sleep(${seconds})`
        }, -1)
        await published.promise
        const rate = await accounts.rate(seconds, publish)
        await asleep
        return restAfter(async () => rate)
      },
    },
    isQuick ? 1 : 3,
    progress,
  )
}

async function commitToClient({ isQuick, database }: Bench) {
  const url = await database()
  await using site = await openSite(url)
  const { accounts, publish } = site
  await using server = await startPeer('trunkline-node', { DATABASE_URL: url })
  const arrivals = new Arrivals()
  await using stack = new AsyncDisposableStack()
  stack.use(await followStream(await server.methods.port(), arrivals.came))
  return await latencyOf(
    async (startClock) => {
      let arrived: Promise<void> | undefined
      await accounts.transact(async (transaction, n) => {
        arrived = arrivals.of(n)
        await publish(transaction, n)
        // The COMMIT is sent now; what came before it is the application's.
        startClock()
      })
      await arrived
    },
    { perSecond: 50, calls: isQuick ? 50 : 400 },
  )
}

/** The least that a further statement costs. */
const select: Inside = (transaction, n) => transaction`select ${n}::int`

interface TransactionSite extends AsyncDisposable {
  readonly accounts: Accounts
  /** Publishes an event in a transaction. */
  readonly publish: Inside
}

async function openSite(url: string): Promise<TransactionSite> {
  await using stack = new AsyncDisposableStack()
  const trunkline = createTrunkline({ ...postgres({ url, migrate: true }) })
  stack.defer(() => trunkline.stop())
  await trunkline.start()
  const accounts = stack.use(await Accounts.open(url, 64))
  const publish: Inside = (transaction, n) => trunkline.publishGlobal({ type: 'balance_changed', detail: { n } }, { transaction })
  const all = stack.move()
  return { accounts, publish, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** What is still on its way to the log belongs to this run, not to the next one. */
async function restAfter<T>(work: () => Promise<T>): Promise<T> {
  const result = await work()
  await pause(300)
  return result
}
