import { createTrunkline } from '@trunkline/core'

import { sqliteNotifier } from './sqlite-notifier.ts'
import { sqliteStore } from './sqlite-store.ts'

// A process of its own: publishes in bursts of up to five, and says the id of each event that is stored.
const [, , path = '', name = '', count = '0'] = process.argv
const trunkline = createTrunkline({ store: sqliteStore(path), notifier: sqliteNotifier(path) })
for (let n = 0; n < Number(count);) {
  const burst = Array.from({ length: 1 + (n % 5) }, () => trunkline.publishGlobal({ type: name, detail: n++ }))
  for (const { id } of await Promise.all(burst)) process.stdout.write(`${id}\n`)
}
await trunkline.stop()
