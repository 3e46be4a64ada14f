import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, inject, onTestFinished, test } from 'vitest'

import { createDeployment } from '../../../e2e/support/deployment.ts'
import { type RunningProcess, startProcess } from '../../../e2e/support/processes.ts'

const file = new URL('../server.ts', import.meta.url)

describe('a server process that cannot start says why in one line', () => {
  test('without DATABASE_URL', async () => {
    expect(await problemOf({ DATABASE_URL: '' })).toMatch(/^DATABASE_URL is not set\. .*postgres:\/\//)
  })

  test('with a DATABASE_URL that is none', async () => {
    expect(await problemOf({ DATABASE_URL: 'localhost' })).toMatch(/url.*\(invalid_options\)$/)
  })

  test('with a database that nobody serves', async () => {
    expect(await problemOf({ DATABASE_URL: 'postgres://u:secret@localhost:9/db' })).toMatch(/localhost:9.*\(store_unavailable\)$/)
  })

  test('with a wrong password, and without the password', async () => {
    const url = new URL(inject('databaseUrl'))
    url.password = 'wrong-one'
    const problem = await problemOf({ DATABASE_URL: url.href })
    expect(problem).toMatch(/user and the password.*\(store_unavailable\)$/)
    expect(problem).not.toContain('wrong-one')
  })

  test('with a database that there is not', async () => {
    const url = new URL(inject('databaseUrl'))
    url.pathname = '/nowhere'
    expect(await problemOf({ DATABASE_URL: url.href })).toMatch(/"nowhere" does not exist.*\(store_unavailable\)$/)
  })

  test('with a port that is in use', async () => {
    const other = createServer().listen(0)
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo // not a pipe
    await using deployment = await createDeployment(inject('databaseUrl'), { database: true })
    const problem = await problemOf({ DATABASE_URL: deployment.url, PORT: String(port) })
    expect(problem).toBe(`Port ${port} is in use. Stop the program that uses it, or set PORT to another one.`)
  })

  test('with a port that is none', async () => {
    expect(await problemOf({ DATABASE_URL: inject('databaseUrl'), PORT: 'http' })).toBe(
      'PORT must be a number from 1 to 65535, got "http".',
    )
  })
})

describe('a running server process', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    test(`ends in order at ${signal}, though somebody listens`, async () => {
      const { server, url } = await start()
      const stream = await fetch(`${url}/realtime/sse`)
      const exit = await Promise.race([server.kill(signal), sleep(2_500)])
      expect(exit).toEqual({ code: 0, signal: null })
      await stream.body?.cancel()
    })
  }

  test('ends with the program that started it', async () => {
    const parent = `
      const { fork } = require('node:child_process')
      fork(${JSON.stringify(file.pathname)}, { execArgv: ['--conditions=@trunkline/source'] }).on('message', ({ ready }) => console.log(ready))`
    await using deployment = await createDeployment(inject('databaseUrl'), { database: true })
    const child = execFile(process.execPath, ['--eval', parent], {
      env: { ...process.env, ...(await environment(deployment.url)) },
    })
    const [text] = (await once(child.stdout as NonNullable<typeof child.stdout>, 'data')) as [string] // stdout is a pipe
    const url = text.trim()
    expect((await fetch(url)).status).toBe(200)
    child.kill('SIGKILL')
    await expect
      .poll(
        () =>
          fetch(url).then(
            () => 'up',
            () => 'down',
          ),
        { timeout: 3_000 },
      )
      .toBe('down')
  })
})

async function start(): Promise<{ server: RunningProcess; url: string }> {
  const deployment = await createDeployment(inject('databaseUrl'), { database: true })
  onTestFinished(() => deployment[Symbol.asyncDispose]())
  const server = await startProcess(file, { env: await environment(deployment.url) })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const [said] = server.messages as { ready: string }[]
  return { server, url: said?.ready ?? '' }
}

async function environment(databaseUrl: string): Promise<{ DATABASE_URL: string; PORT: string }> {
  const probe = createServer().listen(0)
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo // not a pipe
  probe.close()
  return { DATABASE_URL: databaseUrl, PORT: String(port) }
}

/** What a process says that ends with an error. */
async function problemOf(env: Readonly<Record<string, string>>): Promise<string> {
  const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=@trunkline/source', join(import.meta.dirname, '../server.ts')],
      { env: { ...process.env, ...env }, timeout: 25_000 },
      (error, stdout, stderr) => resolve({ code: error?.code, output: stdout + stderr }),
    )
  })
  expect(code).toBe(1)
  expect(output.trim().split('\n')).toHaveLength(1)
  return output.trim()
}
