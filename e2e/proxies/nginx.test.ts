import { describe } from 'vitest'

import { nginx } from './support/nginx.ts'
import { keepsThePromises } from './support/promises.ts'
import { hasProxy } from './support/proxy.ts'

describe.skipIf(!hasProxy(nginx))('nginx (skipped where the programs nginx and openssl are not installed)', () => {
  keepsThePromises(nginx)
})
