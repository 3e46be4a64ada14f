import type { PostgresOptions } from '@trunkline/postgres'
import { inject } from 'vitest'

import { createDeployment, type Deployment, type Process, type ProcessOptions } from '../../support/deployment.ts'
import { eventually } from '../../support/eventually.ts'
import type { Random } from '../../support/random.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { Accounts } from './accounts.ts'
import { Ledger, type Row } from './ledger.ts'
import type { Notes } from './notes.ts'
import { openOurClient } from './our-client.ts'
import { startSite, type Site } from './site.ts'
import { Traffic } from './traffic.ts'
import { WebWitness, type WitnessOptions } from './web-witness.ts'
import type { Witness } from './witness.ts'

/** How a scene is, where it is not as usual. */
export interface SceneOptions {
  /** Superuser's URL of the server. Defaults to the one that all tests share. */
  readonly url?: string
  /** How the processes that serve and publish reach the database, given the deployment's URL. Defaults to that URL. */
  readonly reach?: (url: string) => PostgresOptions
  /** Options of the processes that serve. */
  readonly serving?: (deployment: Deployment) => ProcessOptions
  /** Where witnesses connect, given those of two processes that serve. Defaults to both. */
  readonly origins?: (deployment: Deployment, usual: () => Promise<readonly Site[]>) => Promise<readonly string[]>
  /** What each caller waits between two calls. Defaults to 5. */
  readonly pauseMs?: number
}

/** A deployment with everything in it going on: publishers, processes that serve, clients that look on. */
export interface Scene {
  readonly deployment: Deployment
  /** The processes that serve, but for those that run elsewhere. */
  readonly servers: readonly Process[]
  readonly sites: readonly Site[]
  /** Where witnesses connect: may be changed. */
  readonly origins: string[]
  /** Our own client has one address, and what stands between it and this port. */
  readonly ourClient: { readonly target: { port: number }; readonly network: TcpProxy }
  readonly accounts: Accounts
  readonly ledger: Ledger
  readonly traffic: Traffic
  readonly witnesses: readonly Witness[]
  /** One more process that serves. */
  serve(where?: PostgresOptions, options?: ProcessOptions): Promise<Site>
  /** One more witness; resolves when it misses nothing from then on. */
  join(who: Omit<WitnessOptions, 'origins' | 'random'>): Promise<WebWitness>
  /** Resolves when everybody who is awake has seen so many new events. Defaults to 5. */
  goesOn(events?: number): Promise<void>
  /** Does something to the processes that serve; resolves when they listen again, with how long that took. */
  untilListeningAgain(happens: () => Promise<unknown>): Promise<number>
  /** With nothing being published: resolves when all there is has come to everybody who is awake, or does not come. */
  settled(): Promise<void>
}

/** Puts a scene together; its parts end with the stack. */
export async function beginScene(stack: AsyncDisposableStack, random: Random, options: SceneOptions): Promise<Scene> {
  const { url = inject('databaseUrl'), reach = () => ({}), serving = () => ({}), pauseMs = 5 } = options
  const deployment = stack.use(await createDeployment(url, { database: true }))
  const publisher = deployment.open(reach(deployment.url))
  // Here the tables are made, for those who come after.
  await publisher.cursor()
  const servers: Process[] = []
  const sites: Site[] = []
  const witnesses: Witness[] = []
  const accounts = new Accounts()
  const ledger = new Ledger(deployment)

  const serve: Scene['serve'] = async (where = reach(deployment.url), processOptions = serving(deployment)) => {
    const server = deployment.open(where, processOptions)
    await server.start()
    const site = stack.use(await startSite(server))
    servers.push(server)
    sites.push(site)
    return site
  }
  const join: Scene['join'] = async (who) => {
    const witness = new WebWitness({ origins, random: random.fork(), ...who })
    witnesses.push(witness)
    await placed(witness)
    return witness
  }
  const placed = ({ notes }: Witness): Promise<true> => eventually(`${notes.name} to have a place`, () => notes.isPlaced)
  const awake = (): readonly Witness[] => witnesses.filter(({ isAwake }) => isAwake)
  const usual = (): Promise<readonly Site[]> => Promise.all([serve(), serve()])
  const origins = [...((await options.origins?.(deployment, usual)) ?? (await usual()).map(({ origin }) => origin))]
  const target = { port: Number(new URL(origins[0] ?? '').port) }
  const network = stack.use(await startProxy({ target }))
  // All at once: there may be hundreds.
  stack.defer(async () => void (await Promise.all(witnesses.map((witness) => witness[Symbol.asyncDispose]()))))
  const ours = openOurClient({ name: 'ben in our client', userId: 'ben', channels: ['room'] }, `http://127.0.0.1:${network.port}`)
  witnesses.push(ours)
  await Promise.all([
    placed(ours),
    join({ name: 'ann', userId: 'ann', channels: ['room'] }),
    join({ name: 'ann on a train', userId: 'ann', isRestless: true }),
    join({ name: 'ben', userId: 'ben', channels: ['attic'] }),
    join({ name: 'cy on a train', userId: 'cy', channels: ['room', 'attic'], isRestless: true }),
    join({ name: 'nobody', userId: null, channels: ['room'] }),
  ])
  const traffic = stack.use(Traffic.start(publisher, { url: deployment.url, pauseMs, tell: accounts.note }))

  const scene: Scene = {
    deployment,
    servers,
    sites,
    origins,
    ourClient: { target, network },
    accounts,
    ledger,
    traffic,
    witnesses,
    serve,
    join,
    async goesOn(events = 5) {
      const before = new Map(witnesses.map(({ notes }) => [notes, notes.count]))
      await eventually(
        'everybody to see something new',
        () => awake().every(({ notes }) => notes.count >= (before.get(notes) ?? 0) + events),
        20_000,
      )
    },
    async untilListeningAgain(happens) {
      const since = servers.map((server) => server.stats().listener.since)
      await happens()
      const began = performance.now()
      await eventually('everybody to listen again', () =>
        servers.every((server, index) => {
          const { listener } = server.stats()
          return listener.state === 'listening' && listener.since > (since[index] ?? '')
        }),
      )
      return performance.now() - began
    },
    async settled() {
      await eventually('nothing to be on its way', () => ledger.isQuiet(), 20_000)
      await ledger.read()
      // What came while we waited is waited for as well.
      do {
        const rows = ledger.timelines.at(-1) ?? []
        await Promise.all(awake().map(({ notes }) => untilSeen(notes, rows)))
      } while ((await ledger.read()) > 0)
    },
  }
  return scene
}

/** Whoever has the last event has those before it, or has lost them; whoever never gets it has lost it. Which it is, the tally says. */
async function untilSeen(notes: Notes, rows: readonly Row[]): Promise<void> {
  const last = rows.findLast(({ audience }) => notes.audiences.has(audience))
  if (last === undefined) return
  const isThere = (): boolean => notes.has(last.name) || (notes.stretches.at(-1)?.since ?? 0) >= last.position
  await eventually(`${notes.name} to have seen the last`, isThere, 15_000).catch(() => {})
}
