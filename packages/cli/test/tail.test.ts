import { describe, expect, test } from 'vitest'

import { exitCodes, jsonOf, start, trunkline } from './support/command.ts'
import { createLog, databaseUrl, sql } from './support/log.ts'

async function createStory() {
  const log = await createLog()
  const { application } = log
  const receipts = await application.publishMany([
    { scope: 'user', userId: '42', type: 'task', detail: { ':id': 7, n: 1 }, privateData: { secret: true } },
    { scope: 'user', userId: '43', type: 'task', detail: { n: 2 } },
    { scope: 'channel', channel: 'room-7', type: 'message', detail: { n: 3 } },
    { scope: 'system', type: 'cache', detail: { n: 4 } },
    { scope: 'global', type: 'note', detail: { n: 5 } },
  ])
  const shown = async (...args: readonly string[]): Promise<readonly number[]> =>
    jsonOf(await trunkline(['tail', '--no-follow', '--json', ...args, ...log.where])).map(
      (event) => (event as { readonly detail: { readonly n: number } }).detail.n,
    )
  return { ...log, receipts, shown }
}

describe('tail', () => {
  test('follows what is published, of every scope, until Ctrl-C, which ends it with 0', async () => {
    const { where, application } = await createStory()
    const running = start(['tail', '--since', '1', ...where])
    await running.until('stdout', /"n":5/)
    await application.publishGlobal({ type: 'before', detail: { n: 6 } })
    await running.until('stdout', /before/)
    await application.publishSystem({ type: 'after', detail: { n: 7 } })
    await running.until('stdout', /after/)
    running.interrupt()
    const { code, stdout, stderr } = await running.ended
    expect({ code, stderr }).toEqual({ code: exitCodes.ok, stderr: '' })
    expect(stdout).toMatch(/\n\S+Z {2}global {8}before {2}\{"n":6\}\n\S+Z {2}system {8}after {2}\{"n":7\}\n$/)
  })

  test('begins with the newest few, at a time, so long ago, or after a cursor', async () => {
    const { shown, receipts, application, schema } = await createStory()
    expect(await shown('--since', '2')).toEqual([4, 5])
    expect(await shown('--since', '100')).toEqual([1, 2, 3, 4, 5])
    expect(await shown('--since', receipts[2]?.cursor ?? '')).toEqual([4, 5])
    expect(await shown('--since', await application.cursor('floor'))).toEqual([1, 2, 3, 4, 5])
    await sql`update ${sql(schema)}.log set created_at = now() - interval '3 hours' + position * interval '1 minute'`
    expect(await shown('--since', new Date(Date.now() - 3 * 3_600_000 + 3.5 * 60_000).toISOString())).toEqual([4, 5])
    expect(await shown('--since', '4h')).toEqual([1, 2, 3, 4, 5])
  })

  test('shows what the filter lets through, and counts only that', async () => {
    const { shown } = await createStory()
    expect(await shown('--since', '9', '--type', 'task')).toEqual([1, 2])
    expect(await shown('--since', '9', '--user', '42')).toEqual([1])
    expect(await shown('--since', '9', '--channel', 'room-7')).toEqual([3])
    expect(await shown('--since', '9', '--scope', 'system')).toEqual([4])
    expect(await shown('--since', '9', '--entity', '7')).toEqual([1])
    expect(await shown('--since', '1', '--type', 'task')).toEqual([2])
  })

  test('shows private data only when asked to', async () => {
    const { where } = await createStory()
    for (const json of [[], ['--json']]) {
      const args = ['tail', '--since', '5', '--no-follow', ...json, ...where]
      expect((await trunkline(args)).stdout).not.toContain('secret')
      expect((await trunkline([...args, '--private'])).stdout).toContain('{"secret":true}')
    }
  })

  test('goes through more than a page of events', async () => {
    const { where, application } = await createLog()
    for (let from = 0; from < 1_200; from += 400) {
      await application.publishMany(
        Array.from({ length: 400 }, (_, n) => ({ scope: 'global', type: 'a', detail: from + n }) as const),
      )
    }
    const events = jsonOf(await trunkline(['tail', '--since', '1100', '--no-follow', '--json', ...where]))
    expect(events.map((event) => (event as { readonly detail: number }).detail)).toEqual(
      Array.from({ length: 1_100 }, (_, n) => n + 100),
    )
  })

  test('lets nothing in an event move the cursor of a terminal', async () => {
    const { where, application } = await createLog()
    await application.publishGlobal({ type: 'a', detail: 'x\u001b[2J\u009b2J\u202e\n' })
    const { stdout } = await trunkline(['tail', '--since', '1', '--no-follow', ...where])
    expect(stdout).toContain(String.raw`"x\u001b[2J\u009b2J\u202e\n"`)
  })

  test('ends silently when its reader has enough', async () => {
    const { where, application } = await createStory()
    const running = start(['tail', '--since', '5', ...where])
    await running.until('stdout', /"n":5/)
    running.leave()
    await application.publishGlobal({ type: 'more' })
    expect(await running.ended).toMatchObject({ code: exitCodes.ok, stderr: '' })
  })

  test('says that the database is away, comes back by itself and misses nothing', async () => {
    const { schema, application } = await createLog()
    const name = `tail ${schema}`
    const url = new URL(databaseUrl)
    url.searchParams.set('application_name', name)
    const role = `role_${schema}`
    await sql`create role ${sql(role)} login superuser password 'secret'`
    url.username = role
    url.password = 'secret'
    const running = start(['tail', '--url', url.href, '--schema', schema, '--since', '1'])
    try {
      await application.publishGlobal({ type: 'before' })
      await running.until('stdout', /before/)
      // Nobody gets in with this role, and who is in goes: an outage for it alone.
      await sql`alter role ${sql(role)} connection limit 0 nosuperuser`
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${name}`
      await running.until('stderr', /Trying again …/)
      await application.publishGlobal({ type: 'meanwhile' })
      await sql`alter role ${sql(role)} connection limit -1 superuser`
      await running.until('stdout', /meanwhile/)
      running.interrupt()
      const { code, stderr } = await running.ended
      expect(code).toBe(exitCodes.ok)
      expect(stderr.match(/Trying again/g)).toHaveLength(1)
      expect(stderr).toContain('The database is back; nothing was missed.')
    } finally {
      running.interrupt()
      await running.ended
      await sql`drop role ${sql(role)}`
    }
  })

  test('says when it could not show what was pruned, and where it goes on', async () => {
    const { where, application, receipts } = await createStory()
    await trunkline(['prune', '--keep', '2', '--yes', ...where])
    const { stdout, stderr } = await trunkline(['tail', '--since', receipts[0]?.cursor ?? '', '--no-follow', ...where])
    expect(stderr).toContain('was pruned. Beginning with the oldest event there is')
    expect(stdout.trimEnd().split('\n')).toHaveLength(2)

    const foreign = (await application.cursor()).replace(/^\w+/, 'another')
    const lost = await trunkline(['tail', '--since', foreign, '--no-follow', ...where])
    expect(lost).toMatchObject({ code: exitCodes.usage, stdout: '' })
    expect(lost.stderr).toContain('--since names a place that this log does not have')
  })

  test('says when the log it follows is made anew', async () => {
    const { schema, where, application } = await createStory()
    const running = start(['tail', '--since', '1', ...where])
    await running.until('stdout', /"n":5/)
    await sql`select ${sql(schema)}.new_epoch()`
    await running.until('stderr', /This is not the log that was followed/)
    await application.publishGlobal({ type: 'next' })
    await running.until('stdout', /next/)
    running.interrupt()
    expect((await running.ended).code).toBe(exitCodes.ok)
  })
})
