import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, inject, test } from 'vitest'

import { createDeployment, type Deployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { type RunningProcess, startProcess } from './support/processes.ts'

/** What the fixture says after each reload. */
interface Reloaded {
  readonly reload: number
  readonly trunklines: number
  readonly connections: number
  readonly timers: number
}

describe('a dev server that runs the modules anew', () => {
  test('20 times, has one trunkline, one listener, one subscriber, and the page that was open hears all', async () => {
    await using deployment = await createDeployment(inject('databaseUrl'), { database: true })
    await using server = await startDevServer(deployment, 'trunkline', 20)
    const [first, ...later] = await reloads(server, 20)

    expect(await listeners(deployment)).toBe(1)
    // The pool's size: no run has brought one of its own.
    expect(await deployment.connections()).toBeLessThanOrEqual(1 + 4)
    for (const { trunklines, timers } of later) {
      expect(trunklines).toBe(1)
      expect(timers).toBeLessThanOrEqual((first?.timers ?? 0) + 1)
    }
    // The page that was left open, and the one of this reload, which leaves just now.
    expect(Math.max(...later.map(({ connections }) => connections))).toBeLessThanOrEqual(2)
    const saves = Array.from({ length: 20 }, (_, index) => index + 1)
    expect(await savesStreamed(server, 20)).toEqual(saves)
    // A subscriber that a run had left behind would have said each of them again.
    await eventually('every save to be heard', () => heard(server).length >= 20)
    expect(heard(server).length).toBe(20)
  })

  test('leaves a listener behind each time, when the module keeps nothing', async () => {
    await using deployment = await createDeployment(inject('databaseUrl'), { database: true })
    await using server = await startDevServer(deployment, 'forgetful', 5)
    await reloads(server, 5)
    expect(await listeners(deployment)).toBe(5)
  })

  test.each(['trunkline.ts', 'count.ts'])('has what docs/hot-reload.md shows as %s', async (file) => {
    const page = await readFile(join(import.meta.dirname, '../docs/hot-reload.md'), 'utf8')
    const path = `e2e/fixtures/hot-reload/${file}`
    const content = await readFile(join(import.meta.dirname, '..', path), 'utf8')
    expect(page).toContain(`<!-- file: ${path} -->\n\n\`\`\`ts\n${content}\`\`\`\n`)
  })
})

function startDevServer({ url }: Deployment, name: string, count: number): Promise<RunningProcess> {
  const file = new URL('./fixtures/hot-reload/dev-server.ts', import.meta.url)
  return startProcess(file, { args: [name, String(count)], env: { DATABASE_URL: url } })
}

async function reloads(server: RunningProcess, count: number): Promise<readonly Reloaded[]> {
  await server.message((message): message is Reloaded => isReloaded(message) && message.reload === count)
  return server.messages.filter(isReloaded)
}

function isReloaded(message: unknown): message is Reloaded {
  return 'reload' in (message as object)
}

async function listeners({ sql, schema }: Deployment): Promise<number> {
  const rows = await sql`select from pg_stat_activity where datname = ${schema} and application_name = 'trunkline listen'`
  return rows.length
}

function heard({ output }: RunningProcess): readonly string[] {
  return output.match(/^saved \d+ times$/gm) ?? []
}

/** The details of the events that came to the page which was opened at the first reload. */
async function savesStreamed(server: RunningProcess, count: number): Promise<readonly unknown[]> {
  const { streamed } = await server.message((message): message is { streamed: readonly unknown[] } => {
    const { streamed: saves } = message as { streamed?: readonly unknown[] }
    return saves?.length === count
  })
  return streamed
}
