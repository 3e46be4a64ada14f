import { setTimeout as pause } from 'node:timers/promises'

import { type EmbeddedPostgres, startPostgres } from '../../scripts/embedded-postgres.ts'
import { ms } from '../support/numbers.ts'
import { type Fault, faultSuite } from './support/run.ts'
import { killRelays } from './support/relay-kills.ts'

const listenKilled: Fault = {
  name: 'the LISTEN connections killed, 20 times',
  async strike({ begin }) {
    const { deployment, traffic, untilListeningAgain, settled, goesOn } = await begin()
    const kill = (): Promise<number> => deployment.killBackends('trunkline listen')
    const awayMs: number[] = []
    for (let times = 0; times < 10; times++) {
      awayMs.push(await untilListeningAgain(kill))
      await goesOn()
      // And once more in silence, where no later event shows that one was missed.
      await traffic.pause()
      await untilListeningAgain(async () => {
        await kill()
        await traffic.publish('g', 1)
      })
      await settled()
      traffic.resume()
    }
    return { note: `LISTEN away for ${ms(Math.max(...awayMs))} at most`, slowestMs: 2_000 }
  },
}

const poolKilled: Fault = {
  name: 'every other connection killed, 20 times',
  async strike({ begin }) {
    const { deployment, goesOn } = await begin()
    let killed = 0
    for (let times = 0; times < 20; times++) {
      killed += await deployment.killBackends('trunkline')
      await goesOn()
    }
    return { note: `${killed} connections` }
  },
}

const restarted = outage('the server restarted', (server) => server.shutDown(), 0)
const crashed = outage('the server crashed, and away for 1 s', (server) => server.crash(), 1_000)
const relayKilledHolding = relayKilled('the relay killed while it holds the lock of the log', 'holding')
const relayKilledWaiting = relayKilled('the relay killed while it waits for the lock', 'waiting')

faultSuite('faults of the database', [listenKilled, poolKilled, restarted, crashed, relayKilledHolding, relayKilledWaiting])

function outage(name: string, end: (server: EmbeddedPostgres) => Promise<void>, awayMs: number): Fault {
  return {
    name,
    async strike({ use, begin }) {
      const server = use(await startPostgres())
      const { untilListeningAgain, accounts } = await begin({ url: server.url })
      await end(server)
      await pause(awayMs)
      const backMs = await untilListeningAgain(() => server.restart())
      return { note: `LISTEN back ${ms(backMs)} after it, ${accounts.failures.length} publishes failed` }
    },
  }
}

function relayKilled(name: string, moment: 'holding' | 'waiting'): Fault {
  return {
    name,
    async strike({ begin }) {
      const { deployment, goesOn } = await begin()
      let killed = 0
      for (let times = 0; times < 3; times++) {
        killed += await killRelays(deployment, moment)
        await goesOn()
      }
      return { note: `${killed} relays` }
    },
  }
}
