import { alternate } from '../src/alternate.ts'
import { openSite } from '../src/peers.ts'
import type { Row } from '../src/row.ts'
import { ratios } from '../src/statistics.ts'
import type { TrunklineMethods } from '../src/trunkline-server.ts'
import { measurementsOf } from '../src/units.ts'

const megabyte = 1_024 * 1_024
/** Of one chunk, and of the ring: what docs/delivery.md says a client that does not read can cost, and what the process keeps. */
const chunkBytes = 512 * 1_024

export const row: Row = {
  name: 'slow-readers',
  title: 'Clients that never read',
  question: 'What do clients that never read cost the others, and how much memory do they take?',
  method:
    '2,000 streams, events of 1,000 bytes. 1 % open their stream and never read it again: far more is published than their sockets take. How many events a second come to the others, against the same without them; and what the process holds for those that do not read, in the connection and in the socket.',
  async measure({ isQuick, progress }) {
    const connections = isQuick ? 200 : 2_000
    const rounds = isQuick ? 1_000 : 4_000
    const memory: number[] = []
    const held: number[] = []
    const run = async (idle: number): Promise<number> => {
      await using site = await openSite<TrunklineMethods>('trunkline-node', { size: connections, idle })
      const { server, crowd } = site
      const readers = connections - idle
      const round = async (n: number): Promise<void> => {
        const arrived = crowd.methods.until(n * readers, 30_000)
        await Promise.all([server.methods.publish({ count: 10, bytes: 1_000 }), arrived])
      }
      for (let n = 10; n <= 500; n += 10) await round(n)
      const before = await server.methods.usage()
      const began = performance.now()
      for (let n = 510; n <= 500 + rounds; n += 10) await round(n)
      const seconds = (performance.now() - began) / 1_000
      if (idle > 0) {
        memory.push(((await server.methods.usage()).rssBytes - before.rssBytes) / megabyte)
        const { queuedBytes } = await server.methods.stats()
        held.push((queuedBytes + (await server.methods.unsentBytes())) / idle / 1_024)
      }
      return (rounds * readers) / seconds
    }
    const runs = await alternate(
      { 'everybody reads': () => run(0), '1 % never read': () => run(connections / 100) },
      isQuick ? 1 : 3,
      progress,
    )
    return {
      measurements: measurementsOf('delivered to who reads', 'events/s', runs),
      claims: [
        {
          what: 'with 1 % that never read, against without',
          values: ratios(runs['1 % never read'], runs['everybody reads']),
          atLeast: 0.9,
        },
        { what: 'held for each that never reads', unit: 'KB', values: held, atMost: chunkBytes / 1_024 },
        // Details of 16 MiB at most in the ring, with their frames and what surrounds them, and one chunk for each in its socket and beside it.
        {
          what: 'growth of the process',
          unit: 'MB',
          values: memory,
          atMost: 16 * 4 + ((connections / 100) * 2 * chunkBytes) / megabyte,
        },
      ],
    }
  },
}
