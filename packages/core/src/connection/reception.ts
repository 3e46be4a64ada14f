import { TrunklineError } from '../errors.ts'
import type { Hub } from '../hub/hub.ts'
import type { SendContext, Settings, TrunklineOptions } from '../options.ts'
import { type Report, seldom } from '../report.ts'
import { at } from '../time.ts'
import { admit, closedChannels, type ConnectOptions, type Doorkeeper } from './connect.ts'
import { Connection } from './connection.ts'
import type { House } from './house.ts'

/** What a reception works with. */
export interface ReceptionOptions {
  readonly house: House
  readonly hub: Hub
  readonly settings: Pick<Settings, 'maxConnections' | 'maxConnectionsPerUser'>
  readonly hooks: Pick<TrunklineOptions<{}, unknown, unknown>, 'canRead' | 'beforeSend'>
}

/** Lets clients in, and sees them out: limits, rights, and everything that ends a stream from outside. */
export class Reception {
  readonly #options: ReceptionOptions
  readonly #reportSeldom: Report

  constructor(options: ReceptionOptions) {
    this.#options = options
    this.#reportSeldom = seldom(options.house.report)
  }

  /** Opens a stream. `checkRunning` throws once the process stops: that may be while canRead is asked. */
  async open(options: ConnectOptions, checkRunning: () => void): Promise<Connection> {
    const { house, hub } = this.#options
    const { changes } = hub
    const setup = await admit(options, this.#door)
    // Others may have come while canRead was asked.
    checkRunning()
    this.checkLimits(setup.audience.userId)
    const connection = new Connection(house, setup)
    this.#see(connection, options)
    // Its rights may have changed between the answer and now.
    if (hub.changes !== changes) void connection.checkRights()
    return connection
  }

  /** Asks what open asks of a client's rights, and opens nothing. */
  async authorize(options: ConnectOptions): Promise<void> {
    await admit(options, this.#door)
  }

  /** @throws {TrunklineError} `overloaded`, `too_many_connections` */
  checkLimits(userId: string | null = null): void {
    const { hub, settings } = this.#options
    const { maxConnections, maxConnectionsPerUser } = settings
    if (hub.size >= maxConnections) {
      throw new TrunklineError('overloaded', `This process has ${maxConnections} streams, its maxConnections.`)
    }
    if (userId !== null && hub.connectionsOf(userId).size >= maxConnectionsPerUser) {
      throw new TrunklineError(
        'too_many_connections',
        `This user has ${maxConnectionsPerUser} streams, the maxConnectionsPerUser.`,
      )
    }
  }

  /** Whether a client may read all of its channels. */
  async mayRead(client: SendContext): Promise<boolean> {
    return (await closedChannels(client, this.#door, this.#options.house.hookTimeoutMs)).length === 0
  }

  get #door(): Doorkeeper {
    const { house, hooks } = this.#options
    const { hookTimeoutMs, report } = house
    return { canRead: hooks.canRead, beforeSend: hooks.beforeSend, hookTimeoutMs, report, reportSeldom: this.#reportSeldom }
  }

  #see(connection: Connection, { signal, expiresAt }: ConnectOptions): void {
    const { hub } = this.#options
    hub.add(connection)
    const leave = (): void => connection.close()
    signal?.addEventListener('abort', leave)
    const cancelExpiry = expiresAt === undefined ? undefined : at(expiresAt, () => connection.end('expired'))
    void connection.closed.then(() => {
      hub.remove(connection)
      signal?.removeEventListener('abort', leave)
      cancelExpiry?.()
    })
    if (signal?.aborted === true) leave()
  }
}
