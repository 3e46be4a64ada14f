import postgres from 'postgres'
import { describe, test } from 'vitest'

import { startPostgres } from '../scripts/embedded-postgres.ts'
import { promote, type Snapshot, startStandby, takeSnapshot, untilReplicated } from './support/copied-server.ts'
import { type Dump, dump, restore } from './support/copied-tables.ts'
import { createDeployment } from './support/deployment.ts'
import { expectToNotice } from './support/rewound-log.ts'
import { startProxy } from './support/tcp-proxy.ts'

/** Nothing listens there. */
const nowhere = 1
const nobodyElse = 'who saw lost events gets a reset, who did not gets every new event once'

describe('a database that forgot its newest events, under the same epoch and the same positions', () => {
  test(`a storage snapshot restored in place: ${nobodyElse}`, async () => {
    await using server = await startPostgres()
    await using snapshots = new AsyncDisposableStack()
    const target = { port: server.port }
    await using proxy = await startProxy({ target })
    await using deployment = await createDeployment(through(proxy.port, server.url))
    let snapshot: Snapshot | undefined

    await expectToNotice({
      deployment,
      remember: async () => {
        snapshot = snapshots.use(await takeSnapshot(server))
      },
      forget: async (publish) => {
        // Or the running process might look before there is anything new: who saw lost events would be ahead of the head.
        target.port = nowhere
        proxy.killAll()
        await snapshot?.restore()
        await publish(server.url)
        target.port = server.port
      },
    })
  })

  test(`an asynchronous standby that lagged, promoted: ${nobodyElse}`, async () => {
    await using primary = await startPostgres()
    await using snapshot = await takeSnapshot(primary)
    await using replication = await startProxy({ target: { port: primary.port } })
    await using standby = await startStandby(snapshot, primary.url, replication.port)
    const target = { port: primary.port }
    await using proxy = await startProxy({ target })
    await using deployment = await createDeployment(through(proxy.port, primary.url))

    await expectToNotice({
      deployment,
      remember: async () => {
        await untilReplicated(primary.url)
        await replication.close()
      },
      forget: async (publish) => {
        await primary.crash()
        await promote(standby.url)
        await publish(standby.url)
        target.port = standby.port
        proxy.killAll()
      },
    })
  })

  test(`a dump restored into a new cluster: ${nobodyElse}`, async () => {
    await using old = await startPostgres()
    await using renewed = await startPostgres()
    const target = { port: old.port }
    await using proxy = await startProxy({ target })
    await using deployment = await createDeployment(through(proxy.port, old.url))
    let dumped: Dump | undefined

    await expectToNotice({
      deployment,
      remember: async () => {
        dumped = await dump(old, deployment.schema)
      },
      forget: async (publish) => {
        if (dumped !== undefined) await restore(dumped, renewed.url)
        const { password } = new URL(old.url)
        const sql = postgres(renewed.url, { max: 1 })
        await sql.unsafe(`alter role postgres password '${password}'`)
        await sql.end()
        await publish(through(renewed.port, old.url))
        target.port = renewed.port
        proxy.killAll()
      },
    })
  })
})

/** The same address, by way of another port. */
function through(port: number, url: string): string {
  return Object.assign(new URL(url), { port: String(port) }).href
}
