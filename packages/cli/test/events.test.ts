import { describe, expect, test } from 'vitest'

import { exitCodes, jsonOf, start, trunkline } from './support/command.ts'
import { createLog, sql } from './support/log.ts'

describe('publish', () => {
  test.each([
    [['--user', '42'], { scope: 'user', userId: '42' }],
    [['--channel', 'room-7', '--skip-user', '1', '--skip-user', '2'], { scope: 'channel', channel: 'room-7' }],
    [['--global'], { scope: 'global' }],
    [['--system'], { scope: 'system' }],
    [['--system', '--user', '42'], { scope: 'system', userId: '42' }],
  ])('%j puts it into the log for whom it is', async (receiver, scoped) => {
    const { where, application } = await createLog()
    const { stdout, code } = await trunkline([
      'publish',
      'hello',
      '{"n": [1]}',
      ...receiver,
      '--private',
      '{"by":"me"}',
      ...where,
    ])
    expect(code).toBe(exitCodes.ok)
    const { events } = await application.find()
    expect(events).toEqual([expect.objectContaining({ type: 'hello', detail: { n: [1] }, privateData: { by: 'me' }, ...scoped })])
    expect(stdout).toContain(`published ${events[0]?.id} at ${events[0]?.cursor}`)
  })

  test('takes the detail from a pipe, or a text as it is, or none', async () => {
    const { where, application } = await createLog()
    await trunkline(['publish', 'piped', '-', '--global', ...where], { input: '{"from": "a pipe"}\n' })
    await trunkline(['publish', 'text', '--raw', 'line\nline', '--global', ...where])
    await trunkline(['publish', 'nothing', '--global', ...where])
    expect((await application.find()).events.map(({ detail }) => detail)).toEqual([{}, 'line\nline', { from: 'a pipe' }])
    const broken = await trunkline(['publish', 'piped', '-', '--global', ...where], { input: '{' })
    expect(broken).toMatchObject({
      code: exitCodes.usage,
      stderr: expect.stringContaining('The detail on stdin: It is not JSON'),
    })
  })

  test('with a key publishes once, and says so in the receipt', async () => {
    const { where } = await createLog()
    const again = (): Promise<unknown> =>
      trunkline(['publish', 'once', '--global', '--key', 'k', '--json', ...where]).then((ended) => jsonOf(ended)[0])
    const first = await again()
    expect(first).toMatchObject({ duplicate: false })
    expect(await again()).toEqual({ ...(first as object), duplicate: true })
  })

  test('--no-store reaches who listens, and leaves nothing behind', async () => {
    const { where, application } = await createLog()
    await application.start()
    const heard = new Promise((resolve) => application.subscribe('live', resolve))
    const { stdout } = await trunkline(['publish', 'live', '{"n":1}', '--global', '--no-store', ...where])
    expect(stdout).toMatch(/published .*, not stored/)
    expect(await heard).toMatchObject({ detail: { n: 1 } })
    expect((await application.find()).events).toEqual([])
  })
})

describe('replay', () => {
  test('sends one event again, or those of a filter in their order', async () => {
    const { where, application } = await createLog()
    const { id } = await application.publishGlobal({ type: 'a', detail: 1 })
    await application.publishGlobal({ type: 'b', detail: 2 })
    await application.publishGlobal({ type: 'a', detail: 3 })
    expect(jsonOf(await trunkline(['replay', id, '--json', ...where]))).toEqual([expect.objectContaining({ id })])
    expect(jsonOf(await trunkline(['replay', '--type', 'a', '--dry-run', '--json', ...where]))).toEqual([
      { count: 3, more: false },
    ])
    const many = await trunkline(['replay', '--type', 'a', '--since', '1h', '--yes', ...where])
    expect(many).toEqual({ code: exitCodes.ok, stdout: 'sent again: 3\n', stderr: '' })
    const { events } = await application.find()
    expect(events.map(({ detail }) => detail).toReversed()).toEqual([1, 2, 3, 1, 1, 3, 1])
  })

  test('asks on a terminal, shows progress there, and takes no for an answer', async () => {
    const { where, application } = await createLog()
    await application.publishGlobal({ type: 'a' })
    for (const [answer, count] of [
      ['n', 1],
      ['yes', 2],
    ] as const) {
      const running = start(['replay', '--all', ...where], { isTerminal: true, env: { NO_COLOR: '1' } })
      await running.until('stderr', /Send 1 event again\? \[y\/N\] /)
      running.type(`${answer}\n`)
      const { code, stderr } = await running.ended
      expect(code).toBe(exitCodes.ok)
      expect(stderr).toContain(answer === 'n' ? 'Nothing was done.' : '1 sent again …')
      expect((await application.find()).events).toHaveLength(count)
    }
  })

  test('says which id is not there', async () => {
    const { where } = await createLog()
    const { code, stderr } = await trunkline(['replay', 'nobody', ...where])
    expect(code).toBe(exitCodes.failed)
    expect(stderr).toContain('No stored event has the id "nobody"')
  })
})

describe('prune', () => {
  test('deletes what is beyond the count, or older', async () => {
    const { schema, where, application } = await createLog()
    await application.publishMany(Array.from({ length: 5 }, (_, detail) => ({ scope: 'global', type: 'a', detail }) as const))
    expect(jsonOf(await trunkline(['prune', '--keep', '3', '--yes', '--json', ...where]))).toEqual([{ count: 2 }])
    await sql`update ${sql(schema)}.log set created_at = created_at - interval '8 days' where position <= 4`
    expect((await trunkline(['prune', '--older-than', '7d', '--yes', ...where])).stdout).toBe('deleted: 2\n')
    expect((await application.find()).events.map(({ detail }) => detail)).toEqual([4])
  })

  test('asks on a terminal', async () => {
    const { schema, where, application } = await createLog()
    await application.publishGlobal({ type: 'a' })
    const running = start(['prune', '--keep', '10', ...where], { isTerminal: true })
    await running.until('stderr', new RegExp(`Delete the events of "${schema}" beyond the newest 10\\?`))
    running.type('\n')
    expect(await running.ended).toMatchObject({ code: exitCodes.ok, stderr: expect.stringContaining('Nothing was done') })
    expect((await application.find()).events).toHaveLength(1)
  })
})

describe('stats', () => {
  test('tells the log in numbers', async () => {
    const { schema, where, application } = await createLog()
    await application.publishGlobal({ type: 'a' })
    await sql`select ${sql(schema)}.publish('b', '{}', scope => 'global')`
    const { stdout } = await trunkline(['stats', ...where])
    expect(stdout).toMatch(/^events stored {8}1$/m)
    expect(stdout).toMatch(/^waiting in outbox {4}1$/m)
    expect(stdout).toMatch(/^events per second {4}0\.0167 in the last minute/m)
    expect(jsonOf(await trunkline(['stats', '--json', ...where]))).toEqual([
      expect.objectContaining({
        head: await application.cursor(),
        floor: await application.cursor('floor'),
        log: expect.objectContaining({ events: 1, isEstimate: false, lastMinute: 1, lastHour: 1, outbox: 1 }) as unknown,
      }),
    ])
  })

  test('leaves the outbox as it is: reading moves nothing', async () => {
    const { schema, where } = await createLog()
    await sql`select ${sql(schema)}.publish('b', '{}', scope => 'global')`
    for (const args of [['stats'], ['doctor'], ['tail', '--since', '10', '--no-follow']]) {
      expect((await trunkline([...args, ...where])).code).toBe(exitCodes.ok)
      expect(await sql`select from ${sql(schema)}.outbox`).toHaveLength(1)
    }
  })
})
