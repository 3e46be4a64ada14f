import { describe, test } from 'vitest'

import { storeContract } from '../src/index.ts'
import { listStore } from './custom-store.ts'

describe('a store of one’s own', () => {
  for (const c of storeContract(async () => ({ store: listStore(), dispose: async () => {} }))) test(c.name, c.run)
})
