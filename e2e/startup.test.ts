import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { createTrunkline, TrunklineError } from '@trunkline/core'
import { migrationSql, postgres } from '@trunkline/postgres'
import connectTo from 'postgres'
import { describe, expect, inject, test } from 'vitest'

import { startPostgres } from '../scripts/embedded-postgres.ts'
import { createDeployment, type Process } from './support/deployment.ts'
import { StreamClient } from './support/stream-client.ts'

const databaseUrl = inject('databaseUrl')
const password = 'correct-horse-battery'

describe('a process that cannot use its database says in one message what is wrong and what to do', () => {
  test('no DATABASE_URL', () => {
    const error = thrownBy(() => postgres({ url: process.env['NO_SUCH_VARIABLE'] }))

    expect(error.code).toBe('invalid_options')
    expect(error.message).toMatch(/set DATABASE_URL to something like postgres:\/\/.* and pass it as url/)
  })

  test.for(['localhost:5432/app', 'mysql://app@localhost/app', `postgres://app:${password}#2@localhost/app`, 'postgres://[::1'])(
    'a url that is none: %s',
    (url) => {
      const error = thrownBy(() => postgres({ url }))

      expect(error.code).toBe('invalid_options')
      expect(error.message).toMatch(/^url is not a PostgreSQL URL .* looks like postgres:\/\//)
      expect(error.message).not.toContain(password)
    },
  )

  test('wrong password, and a user who does not exist', async () => {
    await using deployment = await createDeployment(databaseUrl)
    for (const username of [new URL(databaseUrl).username, 'nobody_of_this_name']) {
      const url = new URL(databaseUrl)
      url.username = username
      url.password = password

      const error = await failureOf(deployment.open({ url: url.href }))

      expect(error.code).toBe('store_unavailable')
      expect(error.message).toMatch(/refused the login to .*Check the user and the password of the URL/)
      expect(error.message).toContain(username)
    }
  })

  test('a database that does not exist', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const url = new URL(databaseUrl)
    url.pathname = '/no_such_database'

    const error = await failureOf(deployment.open({ url: url.href }))

    expect(error.code).toBe('store_unavailable')
    expect(error.message).toMatch(/"no_such_database" does not exist.*Create the database, or correct the URL/)
  })

  test.for([`postgres://app:${password}@127.0.0.1:1/app`, `postgres://app:${password}@no-such-host.invalid:5432/app`])(
    'nobody there: %s',
    async (url) => {
      await using deployment = await createDeployment(databaseUrl)

      const error = await failureOf(deployment.open({ url }))

      expect(error.code).toBe('store_unavailable')
      expect(error.message).toContain(new URL(url).host)
      expect(error.message).toMatch(/Check that the server runs, that it can be reached from here, and that the URL is right/)
    },
  )

  test('somebody there who does not answer', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo // not a pipe

    const error = await failureOf(deployment.open({ url: `postgres://app:${password}@127.0.0.1:${port}/app` }))

    silent.close()
    expect(error.code).toBe('store_unavailable')
    expect(error.message).toMatch(new RegExp(`127.0.0.1:${port}.*5000 ?ms`))
  })

  test('missing tables', async () => {
    await using deployment = await createDeployment(databaseUrl)

    const error = await failureOf(deployment.open({ migrate: false }))

    expect(error.code).toBe('not_migrated')
    expect(error.message).toMatch(new RegExp(`schema "${deployment.schema}".*tables are missing.*migrate: true`))
  })

  test('a role without rights; with the printed GRANTs it has them, and no more than it needs', async () => {
    await using deployment = await createDeployment(databaseUrl, { database: true })
    const { sql, schema } = deployment
    const owner = deployment.open()
    await owner.start()
    const url = new URL(deployment.url)
    url.username = schema
    url.password = password
    await sql.unsafe(`create role ${schema} login password '${password}'`)
    try {
      const error = await failureOf(deployment.open({ url: url.href, migrate: false }))
      expect(error.code).toBe('permission_denied')
      expect(error.message).toMatch(new RegExp(`Role "${schema}" lacks rights.*USAGE on the schema.*migrationSql\\(`))

      await deployment.run(migrationSql({ schema, runtimeRole: schema }))
      const granted = deployment.open({ url: url.href, migrate: false })
      await using live = await StreamClient.open(granted)
      await granted.publishGlobal({ type: 'by a role with rights' })
      await live.untilEvents(1)
    } finally {
      await deployment.run(`drop owned by ${schema}; drop role ${schema}`)
    }
    expect(deployment.reported).toEqual([])
  })

  test('a read replica, and a database that is set to read-only', async () => {
    await using server = await startPostgres()
    const sql = connectTo(server.url, { max: 1 })
    await postgres({ url: server.url, migrate: true }).migrate()
    await sql`alter database postgres set default_transaction_read_only = on`
    await sql.end()

    await using reader = createTrunkline(postgres({ url: server.url }))
    const refused = await reader.publishGlobal({ type: 'event' }).catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: 'read_only_server',
      message: expect.stringMatching(/connect to the primary/) as string,
    })

    // A server that was told to follow another one, and knows none, is a replica that does not get any further.
    await server.shutDown()
    await writeFile(join(server.dataDir, 'standby.signal'), '')
    await server.restart()
    await using follower = createTrunkline(postgres({ url: server.url }))
    const error = await failureOf(follower)
    expect(error.code).toBe('read_only_server')
    expect(error.message).toMatch(/replica.*Connect to the primary/)
  })
})

function thrownBy(work: () => unknown): TrunklineError {
  try {
    work()
  } catch (error) {
    if (error instanceof TrunklineError) return error
    throw error
  }
  throw new Error('It did not fail.')
}

/** What start, publish and connect all say, within a time in which somebody still looks at the terminal. */
async function failureOf(trunkline: Process): Promise<TrunklineError> {
  const began = performance.now()
  const attempts = [
    () => trunkline.start(),
    () => trunkline.connect({ userId: null }),
    () => trunkline.publishGlobal({ type: 'event' }),
  ]
  const outcomes = await Promise.allSettled(attempts.map((attempt) => attempt()))
  expect(performance.now() - began).toBeLessThan(12_000)
  const errors = outcomes.map((outcome) =>
    outcome.status === 'rejected' ? (outcome.reason as unknown) : new Error('It did not fail.'),
  )
  for (const error of errors) {
    expect(error).toBeInstanceOf(TrunklineError)
    expect(error).toMatchObject({ code: (errors[0] as TrunklineError).code, message: (errors[0] as TrunklineError).message })
    expect(String(error)).not.toContain(password)
  }
  return errors[0] as TrunklineError
}
