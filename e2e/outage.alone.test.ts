import { describe, test } from 'vitest'

import { expectToSurvive } from './support/outage.ts'
import { testRandom } from './support/random.ts'

describe('the database server', () => {
  test(
    'away for 30 s: LISTEN is back within 2 s of it, however long the pauses between attempts have grown',
    { timeout: 90_000 },
    async () => {
      await expectToSurvive({ begin: (server) => server.shutDown(), lastsMs: 30_000, random: testRandom() })
    },
  )
})
