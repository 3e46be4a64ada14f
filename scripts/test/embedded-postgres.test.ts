import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { isAlive } from '../../e2e/support/is-alive.ts'
import { type StartPostgresOptions, startPostgres } from '../embedded-postgres.ts'

describe('a temporary server', () => {
  test('is a durable PostgreSQL behind a password', async () => {
    const server = await start()
    const [row] = await query(
      server.url,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as sync`,
    )
    expect(row).toEqual({ fsync: 'on', sync: 'on' })
    await expect(query(server.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow('password authentication failed')
  })

  test('takes settings, and ALTER SYSTEM still changes them', async () => {
    const server = await start({ settings: { fsync: 'off', application_name: `it's` } })
    const show = `select current_setting('fsync') as fsync, current_setting('max_connections') as max`
    expect(await query(server.url, show)).toEqual([{ fsync: 'off', max: '200' }])
    await query(server.url, 'alter system set fsync = on')
    await query(server.url, 'select pg_reload_conf()')
    await vi.waitFor(async () => expect(await query(server.url, show)).toEqual([{ fsync: 'on', max: '200' }]))
  })

  test('leaves nothing behind when it stops', async () => {
    const server = await start()
    const { pid } = server
    await server.stop()
    await server.stop()
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(server.dataDir)).toBe(false)
  })

  test('ends with a killed owner', async () => {
    const { owner, pid, dataDir } = await startInAnotherProcess()
    owner.kill('SIGKILL')
    await vi.waitFor(() => expect([isAlive(pid), existsSync(dataDir)]).toEqual([false, false]), { timeout: 10_000 })
  })

  test('does not keep its owner alive', async () => {
    const { owner, pid } = await startInAnotherProcess('setTimeout(() => {}, 1)')
    expect(await once(owner, 'exit')).toEqual([0, null])
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 })
  })
})

describe('an outage', () => {
  test('by crash keeps what was committed, on the same port', async () => {
    const server = await start()
    const before = server.pid
    await query(server.url, 'create table kept as select 1 as id')
    await server.crash()
    expect(isAlive(before)).toBe(false)
    expect(() => server.pid).toThrow('does not run')
    await expect(query(server.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
    await server.restart()
    expect(await query(server.url, 'select id from kept')).toEqual([{ id: 1 }])
    expect(await readFile(server.logFile, 'utf8')).toContain('automatic recovery in progress')
  })

  test('in order lasts until restart', async () => {
    const server = await start()
    await server.shutDown()
    await expect(query(server.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
    await server.restart()
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

describe('a persistent folder', () => {
  test('keeps its data and its password over stop and start', async () => {
    const dataDir = await folder()
    const first = await start({ dataDir })
    await query(first.url, 'create table kept as select 1 as id')
    await first.stop()
    const second = await start({ dataDir, port: first.port })
    expect(second.url).toBe(first.url)
    expect(await query(second.url, 'select id from kept')).toEqual([{ id: 1 }])
  })

  test('starts again after SIGKILL, also when the process id in its lock file is in use again', async () => {
    const dataDir = await folder()
    const first = await start({ dataDir })
    await query(first.url, 'create table kept as select 1 as id')
    process.kill(first.pid, 'SIGKILL')
    await vi.waitFor(() => expect(isAlive(first.pid)).toBe(false))
    const lockFile = join(first.dataDir, 'postmaster.pid')
    await writeFile(lockFile, (await readFile(lockFile, 'utf8')).replace(/^\d+/, String(process.pid)))
    const second = await start({ dataDir })
    expect(await query(second.url, 'select id from kept')).toEqual([{ id: 1 }])
  })

  test('says who holds it when a server runs from it', async () => {
    const dataDir = await folder()
    const first = await start({ dataDir })
    await expect(startPostgres({ dataDir })).rejects.toThrow(
      `A PostgreSQL (process ${first.pid}, port ${first.port}) runs from ${first.dataDir} already.`,
    )
    expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test.runIf(process.getuid?.() === 0)('that only root can reach is replaced by the same one each time', async () => {
    const dataDir = await folder()
    await chmod(join(dataDir, '..'), 0o700)
    const first = await start({ dataDir })
    onTestFinished(() => rm(first.dataDir, { recursive: true, force: true }))
    expect(first.dataDir).toMatch(/^\/var\/tmp\/trunkline-data-/)
    await query(first.url, 'create table kept as select 1 as id')
    await first.stop()
    const second = await start({ dataDir })
    expect(await query(second.url, 'select id from kept')).toEqual([{ id: 1 }])
  })

  test('of another major version is refused', async () => {
    const dataDir = await folder()
    const server = await start({ dataDir })
    await server.stop()
    await writeFile(join(server.dataDir, 'PG_VERSION'), '9\n')
    await expect(startPostgres({ dataDir })).rejects.toThrow('was made by PostgreSQL 9')
  })
})

test('a port in use is named', async () => {
  const server = await start()
  await expect(startPostgres({ port: server.port })).rejects.toThrow(`Port ${server.port} is in use.`)
})

test('a wrong setting fails with what the server said, and leaves nothing', async () => {
  const dataDir = await folder()
  await expect(startPostgres({ dataDir, settings: { no_such_setting: 1 } })).rejects.toThrow(
    'unrecognized configuration parameter',
  )
  const server = await start({ dataDir })
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

async function start(options?: StartPostgresOptions): ReturnType<typeof startPostgres> {
  const server = await startPostgres(options)
  onTestFinished(() => server.stop())
  return server
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'trunkline-test-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  await chmod(path, 0o755)
  return join(path, 'data')
}

async function query(url: string, text: string): Promise<unknown[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return [...(await sql.unsafe(text))]
  } finally {
    await sql.end()
  }
}

async function startInAnotherProcess(afterwards = 'setInterval(() => {}, 1000)') {
  const module = join(import.meta.dirname, '../embedded-postgres.ts')
  const code = `
    const { startPostgres } = await import(${JSON.stringify(module)})
    const { pid, dataDir } = await startPostgres()
    process.stdout.write(JSON.stringify({ pid, dataDir }))
    ${afterwards}`
  const owner = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void owner.kill('SIGKILL'))
  const [line] = (await once(owner.stdout, 'data')) as [Buffer]
  return { owner, ...(JSON.parse(line.toString()) as { pid: number; dataDir: string }) }
}
