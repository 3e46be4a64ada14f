import { createDeployment, type Deployment } from './deployment.ts'
import { HttpStream } from './http-stream.ts'
import { type ServerProcess, startServer } from './server-process.ts'

/** Two server processes of one deployment, whose rights stand in its tables. PostgreSQL is all that they share. */
export class TwoServers implements AsyncDisposable {
  readonly deployment: Deployment
  readonly here: ServerProcess
  readonly there: ServerProcess

  private constructor(deployment: Deployment, here: ServerProcess, there: ServerProcess) {
    this.deployment = deployment
    this.here = here
    this.there = there
  }

  static async start(databaseUrl: string): Promise<TwoServers> {
    const deployment = await createDeployment(databaseUrl, { database: true })
    await deployment.run(`create schema ${deployment.schema};
      create table ${deployment.schema}.member (user_id text, channel text);
      create table ${deployment.schema}.session (token text, user_id text, expires_at timestamptz);`)
    const [here, there] = await Promise.all([
      startServer('serve-by-rights', deployment),
      startServer('serve-by-rights', deployment),
    ])
    return new TwoServers(deployment, here, there)
  }

  /** Gives users the right to a channel. */
  async let(users: readonly string[], channel: string): Promise<void> {
    for (const user of users)
      await this.deployment.run(`insert into ${this.deployment.schema}.member values ('${user}', '${channel}')`)
  }

  /** Takes a user's right to a channel, and does not say so. */
  forbid(user: string, channel: string): Promise<void> {
    return this.deployment.run(
      `delete from ${this.deployment.schema}.member where (user_id, channel) = ('${user}', '${channel}')`,
    )
  }

  /** Opens a stream of a user and some channels. */
  open(server: ServerProcess, user: string, ...channels: readonly string[]): Promise<HttpStream> {
    return this.openAs(server, { 'x-user': user }, ...channels)
  }

  /** Opens a stream with these headers. */
  openAs({ url }: ServerProcess, headers: Readonly<Record<string, string>>, ...channels: readonly string[]): Promise<HttpStream> {
    return HttpStream.open(`${url}?${channels.map((channel) => `channel=${channel}`).join('&')}`, headers)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.here, this.there].map((server) => server[Symbol.asyncDispose]()))
    await this.deployment[Symbol.asyncDispose]()
  }
}
