import type { Notifier, Store } from '../ports.ts'
import { MemoryNotifier } from './memory-notifier.ts'
import { MemoryStore } from './memory-store.ts'

/**
 * An in-memory store and notifier, for tests and for trying things out. Two trunklines given the same `memory()` are two processes
 * of one deployment. Keeps the newest 100,000 events.
 *
 * @example
 * const trunkline = createTrunkline({ ...memory() })
 */
export function memory(): { readonly store: Store; readonly notifier: Notifier } {
  return { store: new MemoryStore(), notifier: new MemoryNotifier() }
}
