import postgresJs from 'postgres'

import { alternate } from '../src/alternate.ts'
import { cpuPerDelivery } from '../src/fan-out.ts'
import { openSite, startPeer } from '../src/peers.ts'
import { openPostgresSite } from '../src/postgres-site.ts'
import type { Row } from '../src/row.ts'
import { median, ratios } from '../src/statistics.ts'
import { cpuOf } from '../src/units.ts'

export const row: Row = {
  name: 'postgres',
  title: 'From PostgreSQL to clients',
  question: 'Published in one process, delivered by another: what does a delivery cost the process that has the clients?',
  method:
    '1,000 streams, one event at a time. Two processes on one PostgreSQL with fsync on; the figure is that of the process with the clients. socket.io does the same with @socket.io/postgres-adapter, to 1,000 clients over WebSocket, and stores nothing.',
  async measure({ isQuick, progress, database }) {
    const connections = isQuick ? 200 : 1_000
    const rounds = 200
    const url = await database()
    const notifications: number[] = []

    const fromPostgres = async (together: number): Promise<number> => {
      await using site = await openPostgresSite(url, connections)
      const sql = postgresJs(url, { max: 1, onnotice: () => {} })
      const [meta] = await sql<[{ channel: string }]>`select channel from trunkline.meta`
      let notified = 0
      await sql.listen(meta.channel, (payload) => {
        if (!payload.startsWith('probe:')) notified++
      })
      let sent = 0
      const round = async (): Promise<void> => {
        sent += together
        const arrived = site.crowd.methods.until(sent * connections, 20_000)
        await Promise.all([site.publisher.methods.publish({ count: together }), arrived])
      }
      for (let n = 0; n < rounds / 2; n++) await round()
      const before = await site.server.methods.cpuUs()
      const notifiedBefore = notified
      for (let n = 0; n < rounds; n++) await round()
      const used = (await site.server.methods.cpuUs()) - before
      notifications.push((notified - notifiedBefore) / rounds)
      const { fewest, most } = await site.crowd.methods.tally()
      if (fewest !== sent || most !== sent) throw new Error(`Of ${sent} events one client got ${fewest}, another ${most}.`)
      await sql.end()
      return used / (rounds * together * connections)
    }

    const runs = await alternate(
      {
        'Trunkline, hub alone': () => cpuPerDelivery('trunkline-node', { connections, rounds }),
        'Trunkline, through PostgreSQL': () => fromPostgres(1),
        'Trunkline, hub alone, by ten': () => cpuPerDelivery('trunkline-node', { connections, rounds: rounds / 2, together: 10 }),
        'Trunkline, through PostgreSQL, by ten': () => fromPostgres(10),
        'socket.io, through PostgreSQL': () => socketIo(url, connections, rounds),
      },
      isQuick ? 1 : 3,
      progress,
    )
    return {
      measurements: cpuOf('CPU per delivery', runs),
      claims: [
        {
          what: 'through PostgreSQL against the hub alone',
          values: ratios(runs['Trunkline, through PostgreSQL'], runs['Trunkline, hub alone']),
          atMost: 1.2,
        },
        {
          what: 'the same, by ten',
          values: ratios(runs['Trunkline, through PostgreSQL, by ten'], runs['Trunkline, hub alone, by ten']),
          atMost: 1.2,
        },
        { what: 'NOTIFYs per flush', values: [median(notifications)], atMost: 1 },
      ],
    }
  },
}

async function socketIo(url: string, connections: number, rounds: number): Promise<number> {
  const env = { DATABASE_URL: url }
  await using publisher = await startPeer('socket-io', env)
  await using site = await openSite('socket-io', { size: connections, env, isWebSocket: true })
  const { server, crowd } = site
  let sent = 0
  const round = async (): Promise<void> => {
    sent++
    const arrived = crowd.methods.until(sent * connections, 20_000)
    await Promise.all([publisher.methods.publish({ count: 1 }), arrived])
  }
  for (let n = 0; n < rounds / 2; n++) await round()
  const before = await server.methods.cpuUs()
  for (let n = 0; n < rounds; n++) await round()
  return ((await server.methods.cpuUs()) - before) / (rounds * connections)
}
