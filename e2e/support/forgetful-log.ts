import { type EmbeddedPostgres, startPostgres } from '../../scripts/embedded-postgres.ts'
import { takeSnapshot } from './copied-server.ts'
import { createDeployment, type Deployment } from './deployment.ts'
import { eventually } from './eventually.ts'
import { publish } from './rewound-log.ts'
import { startProxy } from './tcp-proxy.ts'

const notFollowed = /is not the one this process followed/

/** A log that goes back in one step to what it was at first, with one event in it. */
export interface ForgetfulLog extends AsyncDisposable {
  readonly deployment: Deployment
  /** Has everybody find the log as it was at first, with these events in it. */
  readonly goBack: (details: readonly string[]) => Promise<void>
  /** Resolves when the process that follows it has found out. */
  readonly noticed: () => Promise<void>
}

/** Two servers with the same log and, in front of them, a proxy that leads to the one or to the other. */
export async function startForgetfulLog(): Promise<ForgetfulLog> {
  const stack = new AsyncDisposableStack()
  const old = stack.use(await startPostgres())
  const target = { port: old.port }
  const proxy = stack.use(await startProxy({ target }))
  const through = Object.assign(new URL(old.url), { port: String(proxy.port) }).href
  const deployment = await createDeployment(through)
  await publish(deployment.open(), ['kept'])
  const snapshot = stack.use(await takeSnapshot(old))
  const renewed: EmbeddedPostgres = stack.use(await startPostgres({ dataDir: snapshot.folder }))
  return {
    deployment,
    goBack: async (details) => {
      await publish(deployment.open({ url: renewed.url }), details)
      target.port = renewed.port
      proxy.killAll()
    },
    noticed: async () => {
      await eventually('the process to notice', () => deployment.reported.some(({ error }) => notFollowed.test(String(error))))
    },
    [Symbol.asyncDispose]: async () => {
      // It still needs both servers.
      await deployment[Symbol.asyncDispose]()
      await stack.disposeAsync()
    },
  }
}
