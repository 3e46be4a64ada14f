import { expect } from 'vitest'

import { startPostgres } from '../../scripts/embedded-postgres.ts'
import { promote, startStandby, takeSnapshot, untilReplicated } from '../support/copied-server.ts'
import { eventually } from '../support/eventually.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { type Fault, faultSuite } from './support/run.ts'
import type { Scene } from './support/scene.ts'
import { through } from './support/through.ts'

const promoted: Fault = {
  name: 'a standby that lagged is promoted: 40 events are gone, 50 others have their positions',
  async strike({ use, begin }) {
    const primary = use(await startPostgres())
    const snapshot = use(await takeSnapshot(primary))
    const replication = use(await startProxy({ target: { port: primary.port } }))
    const standby = use(await startStandby(snapshot, primary.url, replication.port))
    const target = { port: primary.port }
    const proxy = use(await startProxy({ target }))
    const scene = await begin({ url: through(proxy.port, primary.url) })
    const { deployment, traffic, ledger, settled } = scene
    await traffic.pause()
    await settled()
    await untilReplicated(primary.url)
    await replication.close()
    await traffic.publish('u:ann', 40)
    await settled()

    await primary.crash()
    await promote(standby.url)
    ledger.turn()
    await traffic.publish('g', 50, { by: deployment.open({ url: through(standby.port, deployment.url) }) })
    target.port = standby.port
    proxy.killAll()
    traffic.resume()

    await untilReset(scene, 'ann', 'ann on a train')
    const resets = { ann: ['unknown_epoch'], 'ann on a train': ['unknown_epoch'] }
    return { note: 'a reset for who had seen them, and for nobody else', resets }
  },
}

const prunedAsleep: Fault = {
  name: 'the log is pruned past clients that are away',
  async strike({ begin }) {
    const scene = await begin()
    const { join, origins } = scene
    const light = await join({ name: 'light sleeper', userId: 'ben', channels: ['room'] })
    const deep = await join({ name: 'deep sleeper', userId: 'ann', channels: ['room'] })
    deep.leave()
    await scene.goesOn(20)
    const count = await prune(scene)
    light.leave()
    await scene.goesOn(20)
    // A process that has just begun remembers nothing of what was pruned; the others would still have it in memory.
    const fresh = await scene.serve()
    origins.splice(0, origins.length, fresh.origin)
    for (const sleeper of [light, deep]) sleeper.wake()
    await untilReset(scene, 'deep sleeper')
    return { note: `${count} events; the one that slept through it got a reset`, resets: { 'deep sleeper': ['pruned'] } }
  },
}

const prunedUnread: Fault = {
  name: 'the log is pruned past a client that is connected and does not read',
  async strike({ begin }) {
    const scene = await begin()
    const { join, traffic } = scene
    const frozen = await join({ name: 'frozen', userId: 'ben', channels: ['room'] })
    frozen.freeze()
    // More than the memory of a process and the buffers of a socket take.
    await traffic.publish('u:ben', 150, { padding: 200 * 1_024 })
    await scene.goesOn()
    const count = await prune(scene)
    frozen.wake()
    await untilReset(scene, 'frozen')
    return { note: `${count} events; a reset in the middle of its stream`, resets: { frozen: ['pruned'] } }
  },
}

faultSuite('what the log forgot', [promoted, prunedAsleep, prunedUnread])

/** Deletes all but the newest ten events, once they are written down, and the last of them has come to everybody who is awake. */
async function prune({ deployment, traffic, settled }: Scene): Promise<number> {
  const pruner = deployment.open({}, { retention: { maxEvents: 10 } })
  await traffic.pause()
  await settled()
  await traffic.publish('g', 1)
  await settled()
  const { count } = await pruner.prune()
  traffic.resume()
  expect(count).toBeGreaterThan(20)
  return count
}

async function untilReset({ witnesses }: Scene, ...names: readonly string[]): Promise<void> {
  const waiting = witnesses.filter(({ notes }) => names.includes(notes.name))
  await eventually('the reset', () => waiting.every(({ notes }) => notes.resets.length > 0), 20_000)
}
