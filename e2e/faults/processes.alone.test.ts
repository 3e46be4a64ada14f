import { expect } from 'vitest'

import type { Deployment } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { type RunningProcess, startProcess } from '../support/processes.ts'
import type { Outcome } from './support/accounts.ts'
import { type Fault, faultSuite } from './support/run.ts'
import type { Scene } from './support/scene.ts'

const killed = { code: null, signal: 'SIGKILL' }

const publisherKilled: Fault = {
  name: 'publishing processes killed in the middle of it, 3 times',
  async strike({ random, begin }) {
    const { deployment, accounts, goesOn } = await begin()
    const names = ['first-', 'second-', 'third-']
    const processes = await Promise.all(names.map((name) => start('publish', deployment, name)))
    let outcomes = 0
    for (const process of processes) {
      const enough = process.messages.length + random.between(50, 200)
      await eventually('it to publish', () => process.messages.length >= enough, 20_000)
      expect(await process.kill()).toEqual(killed)
      for (const outcome of process.messages as readonly Outcome[]) accounts.note(outcome)
      outcomes += process.messages.length
      await process[Symbol.asyncDispose]()
      await goesOn()
    }
    return { note: `${outcomes} calls had been answered to them` }
  },
}

const killedAtCommit: Fault = {
  name: 'publishing processes killed after their commit, before they relay it, 3 times',
  async strike({ begin }) {
    const { deployment, accounts } = await begin()
    const names = ['first', 'second', 'third']
    const outcomes = await Promise.all(
      names.map(async (name) => {
        await using process = await start('commit-and-die', deployment, name)
        // It dies after the answer to its commit, and in no other way by this signal.
        expect(await process.exited).toEqual(killed)
        return process.messages[0] as Outcome
      }),
    )
    for (const outcome of outcomes) accounts.note(outcome)
    return { note: 'other processes relayed it' }
  },
}

const serverKilled: Fault = {
  name: 'a serving process killed under 200 clients',
  async strike({ use, begin }) {
    const processes: RunningProcess[] = []
    const scene = await begin({
      pauseMs: 50,
      origins: async (deployment) => {
        processes.push(...(await Promise.all([start('serve', deployment), start('serve', deployment)])))
        for (const process of processes) use(process)
        return [`http://127.0.0.1:${portOf(processes[0])}`]
      },
    })
    await crowd(scene, 194)
    scene.origins.push(`http://127.0.0.1:${portOf(processes[1])}`)
    await scene.goesOn()
    const visits = new Map(scene.witnesses.map((witness) => [witness, witness.visits]))
    expect(await processes[0]?.kill()).toEqual(killed)
    scene.ourClient.target.port = portOf(processes[1])
    await eventually('everybody to be back', () =>
      scene.witnesses.every((witness) => witness.visits > (visits.get(witness) ?? 0)),
    )
    await scene.goesOn()
    return { note: `${scene.witnesses.length} clients went to another process and resumed` }
  },
}

faultSuite('faults of processes', [publisherKilled, killedAtCommit, serverKilled])

function start(fixture: string, { url, schema }: Deployment, ...args: readonly string[]): Promise<RunningProcess> {
  return startProcess(new URL(`./fixtures/${fixture}.ts`, import.meta.url), {
    args,
    env: { DATABASE_URL: url, TRUNKLINE_SCHEMA: schema },
  })
}

function portOf(process: RunningProcess | undefined): number {
  const [said] = process?.messages ?? []
  return (said as { readonly port: number }).port
}

async function crowd({ join }: Scene, count: number): Promise<void> {
  const users = ['ann', 'ben', 'cy', null]
  const who = Array.from({ length: count }, (_, n) => ({ name: `client ${n}`, userId: users[n % users.length] ?? null }))
  await Promise.all(who.map((client) => join({ ...client, channels: ['room'] })))
}
