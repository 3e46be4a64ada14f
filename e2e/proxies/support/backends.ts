import type { Stats } from '@trunkline/core'

import { createDeployment, type Deployment, type Process } from '../../support/deployment.ts'
import { eventually } from '../../support/eventually.ts'
import { type ServerProcess, startServer } from '../../support/server-process.ts'

/** Two server processes for a proxy to choose from, and a third process that only publishes. PostgreSQL is all that they share. */
export class Backends implements AsyncDisposable {
  readonly servers: readonly [ServerProcess, ServerProcess]
  readonly publisher: Process
  readonly #deployment: Deployment

  private constructor(deployment: Deployment, servers: readonly [ServerProcess, ServerProcess]) {
    this.#deployment = deployment
    this.servers = servers
    this.publisher = deployment.open()
  }

  /** Starts a file of `fixtures` twice. */
  static async start(databaseUrl: string, fixture: 'serve' | 'serve-silently' = 'serve'): Promise<Backends> {
    const deployment = await createDeployment(databaseUrl)
    await deployment.open().start()
    const start = (): Promise<ServerProcess> => startServer(`../proxies/fixtures/${fixture}`, deployment)
    return new Backends(deployment, await Promise.all([start(), start()]))
  }

  get ports(): readonly [number, number] {
    const [one, two] = this.servers
    return [Number(new URL(one.url).port), Number(new URL(two.url).port)]
  }

  async publish(detail: unknown): Promise<void> {
    await this.publisher.publishGlobal({ type: 'said', detail })
  }

  stats(): Promise<readonly Stats[]> {
    return Promise.all(this.servers.map((server) => server.call('stats')))
  }

  /** How many streams each of them has. */
  async connections(): Promise<readonly number[]> {
    return (await this.stats()).map(({ connections }) => connections)
  }

  /** Resolves when they have so many streams together. */
  async untilConnections(count: number): Promise<void> {
    await eventually(`${count} streams`, async () => (await this.connections()).reduce((sum, one) => sum + one) === count)
  }

  /** The process that has the only stream, and the other one. */
  async holder(): Promise<readonly [holder: ServerProcess, other: ServerProcess]> {
    await this.untilConnections(1)
    const [one, two] = this.servers
    const [first] = await this.connections()
    return first === 1 ? [one, two] : [two, one]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server[Symbol.asyncDispose]()))
    await this.#deployment[Symbol.asyncDispose]()
  }
}
