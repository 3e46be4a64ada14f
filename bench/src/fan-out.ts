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

/**
 * Processor time of the server for one delivery, in microseconds. Each event goes out when the one before has come to every client, so
 * nothing is queued anywhere and each delivery is counted: one that is missing fails the run, and so does one too many.
 */
export async function cpuPerDelivery(
  peer: Peer | URL,
  { connections, rounds, together = 1, env = {}, limitMs = 20_000 }: FanOutOptions,
): Promise<number> {
  await using site = await openSite(peer, { size: connections, env })
  const { server, crowd } = site
  let sent = 0
  const round = async (): Promise<void> => {
    sent += together
    const arrived = crowd.methods.until(sent * connections, limitMs)
    await Promise.all([server.methods.publish({ count: together }), arrived])
  }
  const warmUp = Math.max(20, rounds >> 1)
  for (let n = 0; n < warmUp; n++) await round()
  const before = await server.methods.cpuUs()
  for (let n = 0; n < rounds; n++) await round()
  const used = (await server.methods.cpuUs()) - before
  const { fewest, most } = await crowd.methods.tally()
  if (fewest !== sent || most !== sent)
    throw new Error(`${String(peer)}: of ${sent} events one client got ${fewest}, another ${most}.`)
  return used / (rounds * together * connections)
}
