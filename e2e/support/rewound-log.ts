import { TrunklineError } from '@trunkline/core'
import { expect } from 'vitest'

import type { Deployment, Process } from './deployment.ts'
import { eventually } from './eventually.ts'
import { Witness } from './witness.ts'

/** A database that goes back to what it held some time ago: same epoch, same sequence. */
export interface ForgetfulDatabase {
  readonly deployment: Deployment
  /** What it holds now is what it will go back to. */
  readonly remember: () => Promise<void>
  /** Goes back. From when it serves again it can be reached by `publish`, whether or not the running process has found it yet. */
  readonly forget: (publish: (url: string) => Promise<void>) => Promise<void>
}

const kept = names('kept', 5)
// More than a sequence may skip when it is recovered (32), so that positions are issued twice.
const lost = names('lost', 40)
const fresh = names('fresh', 50)
const after = names('after', 5)
const later = names('later', 2)
const reset = 'reset: unknown_epoch'

/**
 * Lets a database go back under a running process and its clients. Who saw lost events is told by a reset before any newer event; who
 * did not goes on, and gets every new event once; in the running process, and in one that was started on the database as it is then.
 */
export async function expectToNotice({ deployment, remember, forget }: ForgetfulDatabase): Promise<void> {
  const running = deployment.open()
  const heard: unknown[] = []
  running.subscribe(({ detail }) => heard.push(detail))
  await using ann = await Witness.open(running, { userId: 'ann' })
  await using ben = await Witness.open(running, { userId: 'ben' })
  await publish(running, kept)
  await Promise.all([ann.until('kept.4'), ben.until('kept.4')])

  await remember()
  await running.publishMany(lost.map((detail) => ({ scope: 'user', userId: 'ann', type: 'event', detail }) as const))
  await ann.until('lost.39')
  let started: Process | undefined
  await forget(async (url) => {
    started = deployment.open({ url })
    await publish(started, fresh)
  })
  if (started === undefined) throw new Error('The database did not come back.')

  await ann.until(reset)
  await publish(started, after)
  await Promise.all([ann.until('after.4'), ben.until('after.4')])
  expectSuffix(ann.seen, [...kept, ...lost, reset], after)
  expect(ben.seen).toEqual([...kept, ...fresh, ...after])
  const issuedTwice = lost.filter((detail) => positionsOf(ben).has(positionOf(ann.cursors.get(detail))))
  expect(issuedTwice).toContain('lost.39')
  await eventually('the backend to have heard the last', () => heard.includes('after.4'))
  expectSuffix(heard, [...kept, ...lost], after)

  const places = [running, started].flatMap((process) => [
    { process, cursor: ann.cursors.get('lost.39'), expected: [reset] },
    { process, cursor: ann.cursors.get('lost.30'), expected: [reset] },
    { process, cursor: ann.cursors.get('kept.4'), expected: [...fresh, ...after] },
    { process, cursor: ann.cursor, expected: [] },
    { process, cursor: ben.cursors.get('fresh.20'), expected: [...fresh.slice(21), ...after] },
  ])
  const resumed = await Promise.all(places.map(({ process, cursor }) => Witness.open(process, { userId: 'ann', cursor })))
  await Promise.all(resumed.map((witness, index) => untilAll(witness, places[index]?.expected ?? [])))
  await publish(running, later)
  await Promise.all([...resumed, ann, ben].map((witness) => witness.until('later.1')))
  expect(resumed.map(({ seen }) => seen)).toEqual(places.map(({ expected }) => [...expected, ...later]))
  await Promise.all(resumed.map((witness) => witness[Symbol.asyncDispose]()))

  const { events } = await running.find({ limit: 200 })
  expect(events.map(({ detail }) => detail).toReversed()).toEqual([...kept, ...fresh, ...after, ...later])
  expect(new Set(events.map(({ cursor }) => cursor.split('.')[0])).size, 'the same epoch').toBe(1)
  expectReported(deployment)
}

/** Names of events, in order. */
export function names(word: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `${word}.${number}`)
}

/** Publishes for everybody, in calls of several events each. */
export async function publish(process: Process, details: readonly string[]): Promise<void> {
  for (let from = 0; from < details.length; from += 20) {
    await process.publishMany(
      details.slice(from, from + 20).map((detail) => ({ scope: 'global', type: 'event', detail }) as const),
    )
  }
}

/** Between the two nothing but the last of the fresh events: those before them belong to the history that a reset says is lost. */
function expectSuffix(seen: readonly unknown[], beginning: readonly string[], end: readonly string[]): void {
  const between = seen.slice(beginning.length, -end.length)
  expect(seen).toEqual([...beginning, ...fresh.slice(fresh.length - between.length), ...end])
}

function positionsOf(witness: Witness): ReadonlySet<string | undefined> {
  return new Set([...witness.cursors.values()].map(positionOf))
}

/** Cursors are opaque to applications; a test that wants to see positions issued twice looks into them. */
function positionOf(cursor: string | undefined): string | undefined {
  return cursor?.split('.')[1]
}

async function untilAll(witness: Witness, expected: readonly string[]): Promise<void> {
  const last = expected.at(-1)
  if (last !== undefined) await witness.until(last)
}

/** The process says that its database was away, and once that its backend subscribers have missed events; nothing worse. */
function expectReported({ reported }: Deployment): void {
  const codes = reported.map(({ error }) => (error instanceof TrunklineError ? error.code : error))
  expect(codes.filter((code) => code !== 'store_unavailable' && code !== 'listen_failed')).toEqual([])
  const messages = reported.map(({ error }) => String(error))
  expect(messages.filter((message) => message.includes('is not the one this process followed'))).toHaveLength(1)
}
