import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'

import { exitCodes, start, trunkline } from './support/command.ts'
import { createLog, databaseUrl } from './support/log.ts'

const commands = ['migrate', 'doctor', 'tail', 'publish', 'replay', 'prune', 'stats'] as const

describe('help', () => {
  test('is there for the command and for each of its commands, with examples, and exits with 0', async () => {
    for (const args of [['--help'], ...commands.map((name) => [name, '--help'])]) {
      const { code, stdout, stderr } = await trunkline(args)
      expect({ args, code, stderr }).toEqual({ args, code: exitCodes.ok, stderr: '' })
      expect(stdout).toMatch(/Examples:\n {2}# .+\n {2}(.+ )?trunkline /)
    }
  })

  test('says the exit codes, and names every command', async () => {
    const { stdout } = await trunkline(['--help'])
    for (const name of commands) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    expect(stdout).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage')
  })

  test('goes to stderr, with exit code 2, where a command is missing', async () => {
    const { code, stdout, stderr } = await trunkline([])
    expect({ code, stdout }).toEqual({ code: exitCodes.usage, stdout: '' })
    expect(stderr).toContain('Usage: trunkline')
  })

  test('has colours on a terminal, none in a pipe, and none with NO_COLOR', async () => {
    expect((await trunkline(['--help'], { isTerminal: true })).stdout).toContain('\u001b[')
    expect((await trunkline(['--help'])).stdout).not.toContain('\u001b[')
    expect((await trunkline(['--help'], { isTerminal: true, env: { NO_COLOR: '1' } })).stdout).not.toContain('\u001b[')
    expect((await trunkline(['--help'], { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[')
  })
})

describe('wrong input', () => {
  const at = ['--url', 'postgres://me:secret@127.0.0.1:1/db']
  test.each([
    [['tial'], /unknown command 'tial'[^]*Did you mean tail/],
    [['tail', '--sinec', '1h', ...at], /unknown option '--sinec'[^]*Did you mean --since/],
    [['tail', '--since', 'yesterday', ...at], /--since <when>.*'yesterday'.*Examples: 10m, 2026-01-31T12:00:00Z, 50/],
    [['tail', '--scope', 'everyone', ...at], /--scope <scope>.*'everyone'.*user, channel, global, system/],
    [['publish', 'hello', ...at], /--user, --channel, --global or --system\. Example: publish hello --user 42/],
    [['publish', 'hello', '--user', '1', '--global', ...at], /Say whom it is for, once/],
    [['publish', 'hello', '{a:1}', '--global', ...at], /'detail'.*It is not JSON.*Example: '\{"task_id": 123\}'/],
    [['publish', 'hello', '--private', 'x', '--global', ...at], /--private <json>.*It is not JSON/],
    [['publish', 'hello', '{}', '--raw', 'x', '--global', ...at], /--raw takes the place of the detail.*Example/],
    [['publish', 'hello', '--skip-user', '1', '--global', ...at], /--skip-user belongs to --channel.*Example/],
    [['publish', 'reset', '--global', ...at], /"reset" is reserved/],
    [['replay', ...at], /an id, a filter, or --all.*Example/],
    [['replay', 'x', '--type', 'y', ...at], /takes no filter.*Example/],
    [['prune', ...at], /--older-than or --keep.*Example: prune --older-than 7d/],
    [['prune', '--older-than', '7', ...at], /--older-than <duration>.*'7'.*Example: 10m/],
    [['prune', '--keep', '0', ...at], /--keep <count>.*'0'.*Example: 1000/],
    [['prune', '--keep', '5', ...at], /Nobody can be asked here.*Pass --yes\. Nothing was done/],
    [['migrate', '--print', '--status'], /--print and --status.*Example/],
    [['migrate', '--runtime-role', 'app', ...at], /--runtime-role belongs to --print.*Example/],
    [['doctor', '--url', 'example.com'], /--url takes one postgres:.*Example: --url postgres:/],
    [['doctor', '--url', 'https://x', '--header', 'nonsense'], /--header takes a name and a value.*Example/],
    [['doctor', '--url', 'https://x', '--cookie', 'a=…'], /--cookie has a character.*Example/],
    [['stats'], /Set DATABASE_URL, or pass --url\. Example: --url postgres:/],
    [['stats', '--url', 'mysql://me:secret@x/y'], /url is not a PostgreSQL URL/],
    [['stats', '--schema', 'pg_x', ...at], /schema must be a name/],
  ])('%j exits with 2, names what is wrong and shows a right example', async (args, message) => {
    const { code, stdout, stderr } = await trunkline(args)
    expect(stderr).toMatch(message)
    expect({ code, stdout }).toEqual({ code: exitCodes.usage, stdout: '' })
    expect(stderr).not.toContain('secret')
  })

  test('with --json comes as JSON', async () => {
    const { stderr } = await trunkline(['stats', '--json'])
    expect(JSON.parse(stderr)).toEqual({ error: { code: 'usage', message: expect.stringContaining('DATABASE_URL') as string } })
  })
})

describe('a database', () => {
  test('is the one of DATABASE_URL, unless --url names another', async () => {
    const { schema } = await createLog()
    const env = { DATABASE_URL: databaseUrl }
    expect((await trunkline(['stats', '--schema', schema], { env })).code).toBe(exitCodes.ok)
    const other = await trunkline(['stats', '--schema', schema, '--url', 'postgres://127.0.0.1:1/db'], { env })
    expect(other).toMatchObject({ code: exitCodes.failed, stdout: '' })
    expect(other.stderr).toContain('To find out why: trunkline doctor')
  })

  test('without tables is answered with the command that makes them', async () => {
    const { code, stderr } = await trunkline(['stats', '--url', databaseUrl, '--schema', 'nobody'])
    expect(code).toBe(exitCodes.failed)
    expect(stderr).toContain('Run: trunkline migrate')
  })

  test('that does not answer is left at once by Ctrl-C, with exit code 130', async () => {
    await using server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // not a pipe
    const running = start(['stats', '--url', `postgres://127.0.0.1:${port}/db`])
    const [socket] = (await once(server, 'connection')) as [{ destroy(): void }]
    running.interrupt()
    expect(await running.ended).toEqual({ code: exitCodes.interrupted, stdout: '', stderr: '' })
    socket.destroy()
  })
})
