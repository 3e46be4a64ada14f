import { describe } from 'vitest'

import { caddy } from './support/caddy.ts'
import { keepsThePromises } from './support/promises.ts'
import { hasProxy } from './support/proxy.ts'

describe.skipIf(!hasProxy(caddy))('caddy (skipped where the programs caddy and openssl are not installed)', () => {
  keepsThePromises(caddy)
})
