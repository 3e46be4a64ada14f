import { describe, expect, inject, test } from 'vitest'

import { createDeployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { hasPgBouncer, startPgBouncer } from './support/pgbouncer.ts'
import { StreamClient } from './support/stream-client.ts'
import { openTransactionClient } from './support/transactions.ts'

const databaseUrl = inject('databaseUrl')

describe.skipIf(!hasPgBouncer)('PgBouncer in transaction mode (skipped where the program pgbouncer is not installed)', () => {
  test.for([
    [
      'refuses our startup parameters',
      'refused',
      'store_unavailable',
      /connection pooler.*pass a direct connection to the database as listenUrl/,
    ],
    ['takes LISTEN and delivers nothing', 'ignored', 'listen_deaf', /PgBouncer.*Set listenUrl to a direct connection/],
  ] as const)(
    'in front of LISTEN, where it %s, is said once with the remedy; events arrive by polling',
    async ([, parameters, code, about]) => {
      await using bouncer = await startPgBouncer(databaseUrl, parameters)
      await using deployment = await createDeployment(databaseUrl)
      await deployment.open().start()
      const trunkline = deployment.open({ url: deployment.url, listenUrl: bouncer.url })

      await trunkline.start()
      expect(trunkline.stats().listener.state).toBe('polling')
      await using live = await StreamClient.open(trunkline)
      const published = performance.now()
      for (let n = 0; n < 5; n++) {
        await trunkline.publishGlobal({ type: 'event', detail: n })
      }
      await live.untilEvents(5)

      expect(performance.now() - published).toBeLessThan(3_000)
      expect(live.details).toEqual([0, 1, 2, 3, 4])
      expect(deployment.reported).toEqual([
        {
          error: expect.objectContaining({ code, message: expect.stringMatching(about) as string }),
          context: { stage: 'listen' },
        },
      ])
    },
  )

  test('in front of everything but LISTEN works: publishes, transactions, live streams and resumes', async () => {
    await using bouncer = await startPgBouncer(databaseUrl)
    await using deployment = await createDeployment(databaseUrl)
    const trunkline = deployment.open({ url: bouncer.url, listenUrl: deployment.url })
    const cursor = await trunkline.cursor()
    await using live = await StreamClient.open(trunkline)
    expect(trunkline.stats().listener.state).toBe('listening')
    await using client = await openTransactionClient(bouncer.url)

    await Promise.all(Array.from({ length: 100 }, (_, n) => trunkline.publishGlobal({ type: 'event', detail: n })))
    await client.query('begin')
    await trunkline.publishGlobal({ type: 'event', detail: 'in a transaction' }, { transaction: client.transaction })
    await client.query('commit')
    await live.untilEvents(101)

    await using resumed = await StreamClient.open(deployment.open({ url: bouncer.url, listenUrl: deployment.url }), { cursor })
    await resumed.untilEvents(101)
    expect(resumed.events).toEqual(live.events)
    expect(deployment.reported).toEqual([])
  })

  test.for(['refused', 'ignored'] as const)(
    'as the only url is refused with the remedy, startup parameters %s',
    async (parameters) => {
      await using bouncer = await startPgBouncer(databaseUrl, parameters)
      await using deployment = await createDeployment(databaseUrl)
      const trunkline = deployment.open({ url: bouncer.url })

      // Either it cannot start at all, or it does and says what is missing.
      const failure: unknown = await trunkline.start().then(
        () => eventually('a report', () => deployment.reported[0]?.error),
        (error: unknown) => error,
      )

      expect(failure).toMatchObject({ name: 'TrunklineError', message: expect.stringMatching(/pooler.*listenUrl/) as string })
    },
  )
})
