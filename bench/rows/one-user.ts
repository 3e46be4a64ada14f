import { alternate } from '../src/alternate.ts'
import { openSite } from '../src/peers.ts'
import type { Row } from '../src/row.ts'
import { ratios } from '../src/statistics.ts'
import type { TrunklineMethods } from '../src/trunkline-server.ts'
import { cpuOf } from '../src/units.ts'

export const row: Row = {
  name: 'one-user',
  title: 'An event for one of many',
  question: 'Does an event for one user cost more when many others are connected?',
  method:
    'Every stream is another user. Events for one of them, one after the other; processor time of the server, publishing included, for each event.',
  async measure({ isQuick, progress }) {
    const events = isQuick ? 2_000 : 20_000
    const runs = await alternate(
      {
        '100 connections': () => cpuPerEvent(100, events),
        '10,000 connections': () => cpuPerEvent(isQuick ? 1_000 : 10_000, events),
      },
      isQuick ? 1 : 5,
      progress,
    )
    return {
      measurements: cpuOf('CPU per event', runs),
      claims: [
        {
          what: '10,000 connections against 100',
          values: ratios(runs['10,000 connections'], runs['100 connections']),
          atMost: 1.3,
          quick: 3,
        },
      ],
    }
  },
}

async function cpuPerEvent(connections: number, events: number): Promise<number> {
  await using site = await openSite<TrunklineMethods>('trunkline-node', { size: connections })
  const { server, crowd } = site
  const publish = async (upTo: number): Promise<void> => {
    const arrived = crowd.methods.until(upTo, 60_000)
    await Promise.all([server.methods.publishOneByOne(events, 'user-7'), arrived])
  }
  await publish(events)
  const before = await server.methods.cpuUs()
  await publish(2 * events)
  const used = (await server.methods.cpuUs()) - before
  const { fewest, most } = await crowd.methods.tally()
  if (fewest !== 0 || most !== 2 * events) throw new Error(`One client got ${most} of ${2 * events}, another ${fewest} of none.`)
  return used / events
}
