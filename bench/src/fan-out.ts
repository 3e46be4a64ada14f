import { openSite, type Peer } from './peers.ts'

/** How much is delivered. */
export interface FanOutOptions {
  readonly connections: number
  /** How many events, or bursts of them. */
  readonly rounds: number
  /** Events that come together. Defaults to 1. */
  readonly together?: number
  readonly env?: Readonly<Record<string, string>>
  /** How long one event may take to all of its clients, in milliseconds. Defaults to 20,000. */
  readonly limitMs?: number
}

/** A server and its clients. */
interface FanOut extends AsyncDisposable {
  /** Processor time of the server for one delivery, in microseconds, over so many events or bursts. */
  measure(rounds: number): Promise<number>
}

/**
 * Starts a server, and connects its clients. Each event goes out when the one before has come to every client, so nothing is queued
 * anywhere and each delivery is counted: one that is missing fails the run, and so does one too many.
 */
async function openFanOut(
  peer: Peer | URL,
  { connections, together = 1, env = {}, limitMs = 20_000 }: Omit<FanOutOptions, 'rounds'>,
): Promise<FanOut> {
  const site = await openSite(peer, { size: connections, env })
  const { server, crowd } = site
  let sent = 0
  const round = async (): Promise<void> => {
    sent += together
    const arrived = crowd.methods.until(sent * connections, limitMs)
    await Promise.all([server.methods.publish({ count: together }), arrived])
  }
  return {
    async measure(rounds) {
      const before = await server.methods.cpuUs()
      for (let n = 0; n < rounds; n++) await round()
      const used = (await server.methods.cpuUs()) - before
      const { fewest, most } = await crowd.methods.tally()
      if (fewest !== sent || most !== sent)
        throw new Error(`${String(peer)}: of ${sent} events one client got ${fewest}, another ${most}.`)
      return used / (rounds * together * connections)
    },
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  }
}

/** One server alone, warmed up first. */
export async function cpuPerDelivery(peer: Peer | URL, { rounds, ...options }: FanOutOptions): Promise<number> {
  await using fanOut = await openFanOut(peer, options)
  await fanOut.measure(Math.max(20, rounds >> 1))
  return await fanOut.measure(rounds)
}

/** How many times the servers of {@link takeTurns} come to their turn. */
const turns = 12

/**
 * Several servers at once, of which one is at work at a time: a twelfth of the rounds each, and again. What else the machine does falls
 * upon all of them alike, which it does not when each is measured for ten seconds.
 */
export async function takeTurns<Side extends string>(
  peers: Readonly<Record<Side, Peer>>,
  { rounds, ...options }: FanOutOptions,
): Promise<Readonly<Record<Side, number>>> {
  await using stack = new AsyncDisposableStack()
  const sides: { readonly name: Side; readonly fanOut: FanOut; sum: number }[] = []
  for (const [name, peer] of Object.entries(peers) as [Side, Peer][]) {
    const fanOut = stack.use(await openFanOut(peer, options))
    await fanOut.measure(Math.max(20, rounds >> 1))
    sides.push({ name, fanOut, sum: 0 })
  }
  for (let turn = 0; turn < turns; turn++) {
    for (const side of turn % 2 === 0 ? sides : sides.toReversed())
      side.sum += await side.fanOut.measure(Math.ceil(rounds / turns))
  }
  return Object.fromEntries(sides.map(({ name, sum }) => [name, sum / turns])) as Record<Side, number>
}
