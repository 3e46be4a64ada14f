import connectTo from 'postgres'
import { describe, expect, test } from 'vitest'

import { exitCodes, jsonOf, trunkline } from './support/command.ts'
import { createLog, databaseUrl, newSchema, sql } from './support/log.ts'

describe('migrate', () => {
  test('makes the tables, and does nothing the second time', async () => {
    const where = ['--url', databaseUrl, '--schema', newSchema()]
    expect(await trunkline(['migrate', ...where])).toEqual({
      code: exitCodes.ok,
      stdout: 'applied 0001-log\napplied 0002-search\n',
      stderr: '',
    })
    expect((await trunkline(['migrate', ...where])).stdout).toContain('nothing to do')
    expect(jsonOf(await trunkline(['migrate', ...where, '--json']))).toEqual([{ applied: [] }])
  })

  test('--status tells what is pending by its exit code, and changes nothing', async () => {
    const schema = newSchema()
    const status = ['migrate', '--status', '--url', databaseUrl, '--schema', schema]
    const before = await trunkline(status)
    expect(before.code).toBe(exitCodes.pending)
    expect(before.stdout).toContain('Pending: 0001-log, 0002-search. Run: trunkline migrate')
    expect(jsonOf(await trunkline([...status, '--json']))).toEqual([
      { version: 0, latest: 2, pending: ['0001-log', '0002-search'] },
    ])
    expect(await sql`select from pg_namespace where nspname = ${schema}`).toHaveLength(0)

    await trunkline(['migrate', '--url', databaseUrl, '--schema', schema])
    expect(await trunkline(status)).toMatchObject({ code: exitCodes.ok, stdout: expect.stringContaining('nothing is pending') })
  })

  test('--status says when a newer release was there', async () => {
    const { schema, where } = await createLog()
    await sql`update ${sql(schema)}.meta set version = 999`
    const { code, stdout } = await trunkline(['migrate', '--status', ...where])
    expect(code).toBe(exitCodes.ok)
    expect(stdout).toContain('a newer release has migrated it. Update the packages')
  })

  test('--print prints SQL that makes the tables and gives a role its rights, and needs no database', async () => {
    const schema = newSchema()
    const role = `role_${schema}`
    const { code, stdout } = await trunkline(['migrate', '--print', '--schema', schema, '--runtime-role', role])
    expect(code).toBe(exitCodes.ok)
    const [before] = await sql`select quote_ident(${role}) as name`
    try {
      await sql.unsafe(`create role ${before?.['name'] as string} login password 'secret'`)
      const psql = connectTo(databaseUrl, { max: 1, onnotice: () => {} })
      await psql.unsafe(stdout)
      await psql.end()
      const url = new URL(databaseUrl)
      url.username = role
      url.password = 'secret'
      const published = await trunkline(['publish', 'hello', '--global', '--url', url.href, '--schema', schema])
      expect(published).toMatchObject({ code: exitCodes.ok, stderr: '' })
      const stats = await trunkline(['stats', '--url', url.href, '--schema', schema])
      expect(stats.stdout).toContain('waiting in outbox    not visible to this role')
    } finally {
      await sql`drop schema if exists ${sql(schema)} cascade`
      await sql`drop role if exists ${sql(role)}`
    }
  })
})
