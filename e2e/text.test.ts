import { randomBytes } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'

import { createDeployment, type Deployment, type Process } from './support/deployment.ts'
import { StreamClient } from './support/stream-client.ts'
import { openTransactionClient } from './support/transactions.ts'

const databaseUrl = inject('databaseUrl')
const KiB = 1_024

describe('large events', () => {
  test('an event of 200 KiB arrives, live and resumed', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    const floor = await trunkline.cursor()
    await using live = await StreamClient.open(trunkline)
    // Two bytes of text per random byte, so that neither PostgreSQL nor anybody else can make it small.
    const detail = { image: randomBytes(100 * KiB).toString('hex') }

    await trunkline.publishGlobal({ type: 'large', detail })
    await live.untilEvents(1)

    expect(live.details).toEqual([detail])
    await expectSameWhenResumed(deployment, trunkline, floor, live)
  })

  test('an event of 300 KiB is refused with a clear error and leaves no row, alone, among others and in a transaction', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    const floor = await trunkline.cursor()
    await using client = await openTransactionClient(deployment.url)
    const large = { type: 'large', detail: 'x'.repeat(300 * KiB) } as const
    const tooLarge = expect.objectContaining({
      code: 'event_too_large',
      message: expect.stringMatching(/262144 bytes.*"large".*307202/s) as string,
    })

    await expect(trunkline.publishGlobal(large)).rejects.toEqual(tooLarge)
    await expect(
      trunkline.publishMany([
        { scope: 'global', type: 'small' },
        { scope: 'global', ...large },
      ]),
    ).rejects.toEqual(tooLarge)
    await client.query('begin')
    await expect(trunkline.publishGlobal(large, { transaction: client.transaction })).rejects.toEqual(tooLarge)
    // It was refused before anything was sent, so the transaction goes on.
    await trunkline.publishGlobal({ type: 'in the same transaction' }, { transaction: client.transaction })
    await client.query('commit')

    await using reader = await StreamClient.open(trunkline, { cursor: floor })
    await reader.untilEvents(1)
    await trunkline.publishGlobal({ type: 'end' })
    await reader.untilEvents(2)
    expect(reader.events.map(({ type }) => type)).toEqual(['in the same transaction', 'end'])
    expect((await trunkline.find()).events).toHaveLength(2)
  })

  test('an event of 300 KiB is refused by the SQL function as well', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    await trunkline.start()
    const { sql, schema } = deployment
    const detail = JSON.stringify('x'.repeat(300 * KiB))

    await expect(sql`select ${sql(schema)}.publish('large', ${detail}::text::json, scope => 'global')`).rejects.toThrow(
      /262144.*307202/s,
    )

    expect((await trunkline.find()).events).toEqual([])
  })
})

describe('the text of a detail', () => {
  test('NUL, line ends, emoji, lone surrogates and the order of keys arrive as published', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    const floor = await trunkline.cursor()
    await using live = await StreamClient.open(trunkline)
    const details = [
      { zebra: 1, apple: 2, 10: 'ten', 9: 'nine', nested: { z: [], a: {} } },
      'a\u0000b',
      { '\u0000': '\r\n\r\ndata: x\n\nid: y', line: '\u2028' },
      ['👩‍👩‍👧', '\ud800', 'ü', '\\u0000', "'; drop table", '$1 %s {}'],
      1e21,
      { 'a.b': null, snake_key: { camelKey: [true, 0.1, -0] } },
      '',
    ]

    for (const detail of details) {
      await trunkline.publishGlobal({ type: 'text', detail })
    }
    await live.untilEvents(details.length)

    expect(live.events.map(({ data }) => detailIn(data))).toEqual(details.map((detail) => JSON.stringify(detail)))
    await expectSameWhenResumed(deployment, trunkline, floor, live)
  })

  test('1e2 and everything else that JSON.parse would not give back stays as SQL wrote it', async () => {
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open()
    const floor = await trunkline.cursor()
    await using live = await StreamClient.open(trunkline)
    const { sql, schema } = deployment
    const texts = ['1e2', '{"z":1e2,"a":1.0,"z":2}', '{ "spaced" : [ 1 , 2 ] }', '"\\u0000\\u0061"', '12345678901234567890.10']

    for (const text of texts) {
      await sql`select ${sql(schema)}.publish('text', ${text}::text::json, scope => 'global')`
    }
    await live.untilEvents(texts.length)

    expect(live.events.map(({ data }) => detailIn(data))).toEqual(texts)
    await expectSameWhenResumed(deployment, trunkline, floor, live)
  })
})

/** Byte for byte, whether the events are in the memory of the process or come from the database. */
async function expectSameWhenResumed(
  deployment: Deployment,
  process: Process,
  cursor: string,
  live: StreamClient,
): Promise<void> {
  for (const from of [process, deployment.open(), deployment.open({ detailInNotify: false })]) {
    await using resumed = await StreamClient.open(from, { cursor })
    await resumed.untilEvents(live.events.length)
    expect(resumed.events).toEqual(live.events)
  }
}

/** The detail of a frame as it stands in its data. */
function detailIn(data: string): string | undefined {
  return /"detail":(.*),"scope":/s.exec(data)?.[1]
}
