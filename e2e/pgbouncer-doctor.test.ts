import { describe, expect, inject, test } from 'vitest'

import { diagnose } from './support/command.ts'
import { createDeployment } from './support/deployment.ts'
import { hasPgBouncer, startPgBouncer } from './support/pgbouncer.ts'

const databaseUrl = inject('databaseUrl')

describe.skipIf(!hasPgBouncer)(
  'doctor and PgBouncer in transaction mode (skipped where the program pgbouncer is not installed)',
  () => {
    test.for([
      ['refuses startup parameters', 'refused', 'pooler'],
      ['takes LISTEN and delivers nothing', 'ignored', 'LISTEN'],
    ] as const)('finds one that %s, and says the line that cures it', async ([, parameters, check]) => {
      await using bouncer = await startPgBouncer(databaseUrl, parameters)
      await using deployment = await createDeployment(databaseUrl)
      await deployment.open().start()

      const { code, findings } = await diagnose(['--url', bouncer.url, '--schema', deployment.schema])
      expect(code).toBe(1)
      expect(findings.filter(({ state }) => state === 'wrong')).toEqual([
        {
          check,
          state: 'wrong',
          found: expect.stringContaining('pooler') as unknown,
          cure: expect.stringContaining('postgres({ url: pooler, listenUrl: direct })') as unknown,
        },
      ])
    })

    test('finds nothing wrong with one that LISTEN goes around', async () => {
      await using bouncer = await startPgBouncer(databaseUrl)
      await using deployment = await createDeployment(databaseUrl)
      await deployment.open().start()
      const { code, findings } = await diagnose([
        '--url',
        bouncer.url,
        '--listen-url',
        deployment.url,
        '--schema',
        deployment.schema,
      ])
      expect(findings.filter(({ state }) => state !== 'ok')).toEqual([])
      expect(code).toBe(0)
    })
  },
)
