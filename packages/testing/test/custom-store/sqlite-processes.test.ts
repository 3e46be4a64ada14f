import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { createTrunkline, type Store, type TrunklineEvent } from '@trunkline/core'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { sqliteNotifier } from './sqlite-notifier.ts'
import { sqliteStore } from './sqlite-store.ts'

// The contract's processes share one thread, in which SQLite never has two writers at a time. These do not.

let folder: string
let path: string
const running: ChildProcessByStdio<null, Readable, null>[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sqlite-processes-'))
  path = join(folder, 'events.db')
})

afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  await rm(folder, { recursive: true })
})

test('what several processes publish at once is heard whole and in one order', async () => {
  await using trunkline = createTrunkline({ store: sqliteStore(path), notifier: sqliteNotifier(path) })
  const heard: TrunklineEvent[] = []
  trunkline.subscribe((event) => heard.push(event))
  await trunkline.start()
  const writers = ['a', 'b', 'c'].map((name) => startWriter(name, 100))
  const said = (await Promise.all(writers.map(({ end }) => end))).flat()
  expect(said).toHaveLength(300)
  await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(300)
  expect(heard.map(({ id }) => id).toSorted()).toEqual(said.toSorted())
  const cursors = heard.map(({ cursor = '' }) => cursor)
  expect(cursors).toEqual(cursors.toSorted())
  for (const name of ['a', 'b', 'c']) {
    expect(heard.filter(({ type }) => type === name).map(({ detail }) => detail)).toEqual(
      Array.from({ length: 100 }, (_, n) => n),
    )
  }
})

test('what a process was told is stored is there after it was killed', async () => {
  const { child, said, end } = startWriter('a', 1_000_000)
  await expect.poll(() => said.length, { timeout: 20_000 }).toBeGreaterThan(50)
  child.kill('SIGKILL')
  await end
  const stored = await readAll(sqliteStore(path))
  expect(stored.slice(0, said.length)).toEqual(said)
})

/** The ids of the log, page after page. */
async function readAll(store: Store): Promise<readonly string[]> {
  const ids: string[] = []
  for (let after = 0; ;) {
    const { events, through, head } = await store.read({
      after,
      audience: 'everything',
      limit: 100,
      signal: AbortSignal.timeout(10_000),
    })
    ids.push(...events.map(({ id }) => id))
    if (through >= head) return ids
    after = through
  }
}

interface Writer {
  readonly child: ChildProcessByStdio<null, Readable, null>
  /** The ids it has told of. */
  readonly said: readonly string[]
  readonly end: Promise<readonly string[]>
}

function startWriter(name: string, count: number): Writer {
  const script = fileURLToPath(new URL('./publish.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@trunkline/source', script, path, name, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.push(child)
  const said: string[] = []
  const lines = createInterface(child.stdout).on('line', (id) => said.push(id))
  return { child, said, end: Promise.all([once(lines, 'close'), once(child, 'exit')]).then(() => said) }
}
