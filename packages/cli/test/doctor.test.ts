import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { constants, createGzip } from 'node:zlib'
import { nodeAdapter } from '@trunkline/adapter-node-http'
import { createTrunkline, memory } from '@trunkline/core'
import { describe, expect, test } from 'vitest'

import { judgeQueue, judgeServer } from '../src/doctor/database.ts'
import type { Finding } from '../src/doctor/finding.ts'
import { exitCodes, jsonOf, start, trunkline } from './support/command.ts'
import { createLog, databaseUrl, newSchema, sql } from './support/log.ts'

async function diagnose(...args: readonly string[]): Promise<{ readonly code: number; readonly findings: readonly Finding[] }> {
  const ended = await trunkline(['doctor', '--json', '--timeout', '500ms', ...args])
  const [report] = jsonOf(ended) as [{ readonly ok: boolean; readonly findings: readonly Finding[] }]
  expect(report.ok).toBe(ended.code === exitCodes.ok)
  return { code: ended.code, findings: report.findings }
}

/** The check, the state and the cure of the last finding, where it stopped. */
async function lastOf(...args: readonly string[]): Promise<Finding | undefined> {
  const { code, findings } = await diagnose(...args)
  expect(code).toBe(exitCodes.failed)
  expect(findings.slice(0, -1).every(({ state }) => state !== 'wrong')).toBe(true)
  return findings.at(-1)
}

function like(check: string, found: RegExp, cure: RegExp): unknown {
  return {
    check,
    state: 'wrong',
    found: expect.stringMatching(found) as unknown,
    cure: expect.stringMatching(cure) as unknown,
  }
}

describe('doctor of a database', () => {
  test('finds nothing wrong with one that works, and says so on a terminal in colours', async () => {
    const { where } = await createLog()
    const { code, stdout } = await trunkline(['doctor', ...where], { isTerminal: true })
    expect(code).toBe(exitCodes.ok)
    expect(stdout).toMatch(/\u001b\[32mok/)
    const { findings } = await diagnose(...where)
    expect(findings.map(({ check, state }) => `${check}: ${state}`)).toEqual([
      'PostgreSQL: ok',
      'migrations: ok',
      'tables: ok',
      'LISTEN: ok',
      'notification queue: ok',
    ])
  })

  test('finds one that is not there, a name nobody knows, a wrong password and a wrong database', async () => {
    const role = newSchema()
    await sql`create role ${sql(role)} login password 'right'`
    try {
      const wrongPassword = new URL(databaseUrl)
      wrongPassword.username = role
      wrongPassword.password = 'wrong'
      const wrongDatabase = new URL(databaseUrl)
      wrongDatabase.pathname = '/nowhere'
      expect(await lastOf('--url', 'postgres://127.0.0.1:1/db')).toEqual(like('reachable', /ECONNREFUSED/, /Start the server/))
      expect(await lastOf('--url', 'postgres://nowhere.invalid/db')).toEqual(like('reachable', /nowhere\.invalid/, /host/))
      expect(await lastOf('--url', wrongPassword.href)).toEqual(
        like('login', /password authentication failed/, /ALTER ROLE .* PASSWORD/),
      )
      expect(await lastOf('--url', wrongDatabase.href)).toEqual(like('database', /"nowhere" does not exist/, /createdb/))
    } finally {
      await sql`drop role ${sql(role)}`
    }
  })

  test('finds missing tables, missing rights, and tables of a newer release', async () => {
    const missing = newSchema()
    expect(await lastOf('--url', databaseUrl, '--schema', missing)).toEqual(
      like('migrations', /has no tables/, new RegExp(`^trunkline migrate --schema '${missing}'$`)),
    )

    const { schema, where } = await createLog()
    await sql`update ${sql(schema)}.meta set version = 999`
    const { code, findings } = await diagnose(...where)
    expect(code).toBe(exitCodes.ok)
    expect(findings[1]).toMatchObject({ state: 'warning', found: expect.stringContaining('newer') as unknown })

    const role = `role_${schema}`
    await sql`create role ${sql(role)} login password 'secret'`
    const url = new URL(databaseUrl)
    url.username = role
    url.password = 'secret'
    try {
      expect(await lastOf('--url', url.href, '--schema', schema)).toEqual(
        like('migrations', /may not look/, /--print --runtime-role .*psql/),
      )
      await sql`grant usage on schema ${sql(schema)} to ${sql(role)}`
      await sql`grant select on ${sql(schema)}.meta, ${sql(schema)}.events to ${sql(role)}`
      expect(await lastOf('--url', url.href, '--schema', schema)).toEqual(
        like('tables', /INSERT on outbox/, /--print --runtime-role name \| psql/),
      )
    } finally {
      await sql`drop owned by ${sql(role)}`
      await sql`drop role ${sql(role)}`
    }
  })

  test('refuses what is too old and what is a replica, and warns of a queue that fills up', () => {
    const server = { version: '13.14', number: 130_014, isReplica: false, role: 'app' }
    expect(judgeServer({ server })).toEqual(like('PostgreSQL', /13\.14/, /pg_upgrade/))
    expect(judgeServer({ server: { ...server, number: 140_000, isReplica: true } })).toEqual(
      like('PostgreSQL', /replica/, /primary/),
    )
    expect(judgeServer({ server: { ...server, number: 140_000 } }).state).toBe('ok')
    expect(judgeQueue(0.5).state).toBe('ok')
    expect(judgeQueue(0.51)).toMatchObject({ state: 'warning', cure: expect.stringContaining('pg_stat_activity') as unknown })
  })
})

/** What stands between a stream and who asks; answers true when it has answered itself. */
type Between = (request: IncomingMessage, response: ServerResponse) => boolean

async function serve(between: Between = () => false, heartbeatMs = 100, padding = false) {
  const application = createTrunkline({ ...memory(), heartbeatMs })
  const identify = ({ headers }: IncomingMessage): string | null | false =>
    headers['x-closed'] === undefined || headers.cookie === 'session=1' ? null : false
  const realtime = nodeAdapter(application, { path: '/realtime', identify, padding })
  const listener: RequestListener = (request, response) => {
    if (!between(request, response)) realtime(request, response, () => response.writeHead(404).end())
  }
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // not a pipe
  return {
    origin,
    url: `${origin}/realtime/sse`,
    application,
    [Symbol.asyncDispose]: async () => {
      await application.stop({ graceMs: 0 })
      server.closeAllConnections()
      server.close()
    },
  }
}

describe('doctor of a public URL', () => {
  test('needs no database, and finds nothing wrong with a stream that works; plain HTTP is worth a warning', async () => {
    await using site = await serve()
    const { code, findings } = await diagnose('--url', site.url)
    expect(code).toBe(exitCodes.ok)
    expect(findings.map(({ check, state }) => `${check}: ${state}`)).toEqual([
      'public URL: ok',
      'unbuffered: ok',
      'HTTP/2: warning',
      'resume: ok',
      'heartbeat: ok',
    ])
  })

  test('looks at the database as well when it is told of one', async () => {
    const { schema } = await createLog()
    await using site = await serve()
    const { findings } = await diagnose('--url', site.url, '--url', databaseUrl, '--schema', schema)
    expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(['LISTEN', 'heartbeat']))
  })

  test('takes padding for what it is', async () => {
    await using site = await serve(undefined, 100, true)
    expect((await diagnose('--url', site.url)).code).toBe(exitCodes.ok)
  })

  test.each([
    [302, /sends on to \/login/, /--url \/login/],
    [403, /403/, /canRead/],
    [405, /answered 405$/, /Example: --url/],
    [429, /429/, /maxConnectionsPerUser/],
    [500, /500/, /onError/],
    [502, /502/, /proxy_pass/],
    [503, /503/, /trunkline doctor/],
  ])('says what to do about %i', async (status, found, cure) => {
    await using site = await serve((_, response) => {
      response.writeHead(status, { location: '/login' }).end()
      return true
    })
    expect(await lastOf('--url', site.url)).toEqual(like('public URL', found, cure))
  })

  test('asks to be told who it is, and says it with --header and --cookie', async () => {
    await using site = await serve()
    expect(await lastOf('--url', site.url, '--header', 'x-closed: yes')).toEqual(like('public URL', /401/, /--header.*--cookie/))
    const { code } = await diagnose('--url', site.url, '--header', 'x-closed: yes', '--cookie', 'session=1')
    expect(code).toBe(exitCodes.ok)
  })

  test('finds another page, no page, nobody there and nobody who answers', async () => {
    await using site = await serve(({ url }, response) => {
      if (url === '/page') response.setHeader('content-type', 'text/html').end('<h1>')
      return url === '/page' || url === '/silence'
    })
    const example = /Example: --url http:\/\/127\.0\.0\.1:\d+\/realtime\/sse/
    expect(await lastOf('--url', `${site.origin}/page`)).toEqual(like('public URL', /text\/html, which is no stream/, example))
    expect(await lastOf('--url', `${site.origin}/nothing`)).toEqual(like('public URL', /404/, example))
    expect(await lastOf('--url', 'http://127.0.0.1:1/sse')).toEqual(like('public URL', /cannot be reached/, /Correct --url/))
    expect(await lastOf('--url', `${site.origin}/silence`)).toEqual(like('public URL', /no answer within 500 ms/, /--timeout/))
  })

  test('finds who takes Last-Event-ID away', async () => {
    await using site = await serve((request) => {
      delete request.headers['last-event-id']
      return false
    })
    const { code, findings } = await diagnose('--url', site.url)
    expect(code).toBe(exitCodes.failed)
    expect(findings.find(({ check }) => check === 'resume')).toEqual(like('resume', /does not reach/, /Last-Event-ID/))
  })

  test('finds who cuts the stream, before a heartbeat or while it watches', async () => {
    const cut = (_: IncomingMessage, response: ServerResponse): false => {
      setTimeout(() => response.destroy(), 1_000)
      return false
    }
    await using quiet = await serve(cut, 60_000)
    await using busy = await serve(cut)
    const seen = like('heartbeat', /cut after (0\.9|1\.\d) s/, /proxy_read_timeout/)
    const found = await Promise.all([diagnose('--url', quiet.url), diagnose('--url', busy.url, '--watch', '30s')])
    for (const { code, findings } of found) {
      expect(code).toBe(exitCodes.failed)
      expect(findings.at(-1)).toEqual(seen)
    }
  })

  test.each([
    ['warns of one that flushes', constants.Z_SYNC_FLUSH, 'compression', 'warning', /gzip/, /gzip_types/],
    [
      'finds one that does not',
      constants.Z_NO_FLUSH,
      'unbuffered',
      'wrong',
      /the head came, and no frame/,
      /proxy_buffering off/,
    ],
  ] as const)('of a proxy that compresses %s', async (_, flush, check, state, found, cure) => {
    await using site = await serve()
    await using proxy = await serve(({ method, headers }, response) => {
      const passed = get(site.url, { method, headers }, (answer) => {
        response.writeHead(200, { ...answer.headers, server: 'nginx', 'content-encoding': 'gzip' }).flushHeaders()
        answer.pipe(createGzip({ flush })).pipe(response)
      })
      response.on('close', () => passed.destroy())
      passed.on('error', () => {})
      return true
    })
    const { findings } = await diagnose('--url', proxy.url)
    expect(findings.find((finding) => finding.check === check)).toEqual({ ...(like(check, found, cure) as object), state })
  })

  test('is ended by Ctrl-C at once', async () => {
    await using site = await serve(undefined, 60_000)
    const running = start(['doctor', '--url', site.url])
    await running.until('stdout', /resume/)
    running.interrupt()
    expect((await running.ended).code).toBe(exitCodes.interrupted)
  })
})
