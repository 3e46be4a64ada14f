import { describe, test } from 'vitest'

import { expectToSurvive } from './support/outage.ts'
import { testRandom } from './support/random.ts'

describe('the database server', () => {
  test('restarted in the middle of a flow: all that was acknowledged arrives, LISTEN is back within 2 s', async () => {
    await expectToSurvive({ begin: (server) => server.shutDown(), lastsMs: 0, random: testRandom() })
  })

  test('crashed in the middle of a flow, and away for 4 s: all that was acknowledged arrives, LISTEN is back within 2 s', async () => {
    await expectToSurvive({ begin: (server) => server.crash(), lastsMs: 4_000, random: testRandom() })
  })
})
