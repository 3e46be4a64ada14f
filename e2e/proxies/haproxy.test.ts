import { describe } from 'vitest'

import { haproxy } from './support/haproxy.ts'
import { keepsThePromises } from './support/promises.ts'
import { hasProxy } from './support/proxy.ts'

describe.skipIf(!hasProxy(haproxy))('haproxy (skipped where the programs haproxy and openssl are not installed)', () => {
  keepsThePromises(haproxy)
})
