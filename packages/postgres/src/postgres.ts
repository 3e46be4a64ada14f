import { checkListening } from './check-listening.ts'
import { Deployment } from './deployment.ts'
import { foreignLane } from './driver/foreign-lane.ts'
import { type Lane, Pool } from './driver/pool.ts'
import { Session } from './driver/session.ts'
import { inspect } from './inspect.ts'
import { createNotifier } from './notifier.ts'
import { checkOptions, type Settings } from './options.ts'
import { RelayDriver } from './relay-driver.ts'
import { RelayTroubles } from './relay-troubles.ts'
import { createStore } from './store.ts'
import { defaultTimings, type Timings } from './timings.ts'
import type { PostgresBackend, PostgresOptions } from './types.ts'

/**
 * The log in PostgreSQL (14 or newer), and LISTEN/NOTIFY to wake every process. Opens no connection until it is used.
 *
 * @example
 * ```ts
 * const trunkline = createTrunkline({ ...postgres({ url: process.env['DATABASE_URL'], migrate: true }) })
 * ```
 * @throws {TrunklineError} `invalid_options`
 */
export function postgres(options: PostgresOptions): PostgresBackend {
  return createBackend(options)
}

/** {@link postgres}, with limits and pauses that tests can shorten. */
export function createBackend(options: PostgresOptions, changes: Partial<Timings> = {}): PostgresBackend {
  const timings = { ...defaultTimings, ...changes }
  const settings = checkOptions(options)
  const { schema, migrate, inline, listenServer } = settings
  const pool = createPool(settings, timings)
  const deployment = new Deployment({ pool, schema, migrate, inline, timings })
  const troubles = new RelayTroubles()
  // A role or database may have any idle_session_timeout, and LISTEN is idle by nature. A string: the driver drops the number 0.
  const parameters = { idle_session_timeout: '0' }
  const session = { server: listenServer, name: 'trunkline listen', parameters, connectMs: timings.connectMs }
  return {
    store: createStore(deployment, new RelayDriver(deployment, troubles)),
    notifier: createNotifier({ deployment, troubles, session }),
    migrate: () => deployment.migrate(),
    inspect: () => inspect(deployment),
    checkListening: () => checkListening({ deployment, session }),
  }
}

function createPool({ server, sql, listenServer, pooled, schema, poolSize }: Settings, timings: Timings): Pool {
  const { connectMs, queryMs, idleMs, closeMs } = timings
  const parameters: Readonly<Record<string, string>> = pooled
    ? {}
    : {
        // Reading at SERIALIZABLE, a default some databases set, makes other people's transactions fail.
        default_transaction_isolation: 'read committed',
        // The server's end of the time limits here: what nobody waits for any more does not pile up there.
        statement_timeout: '30s',
      }
  const openLane = (): Lane => {
    if (sql !== undefined) return foreignLane(sql)
    // checkOptions sees to it that there is one of the two.
    return new Session({ server: server ?? listenServer, name: 'trunkline', parameters, prepare: !pooled, connectMs })
  }
  return new Pool({ size: poolSize, openLane, server: (server ?? listenServer).description, schema, queryMs, idleMs, closeMs })
}
