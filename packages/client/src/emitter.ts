import { reportFailure } from './report.ts'

/** Listeners by name, called in the order in which they came. */
export interface Emitter<Signals extends Record<string, readonly unknown[]>> {
  /** Returns the way to take it off again. A listener that is added twice is called twice. */
  on<Name extends keyof Signals>(name: Name, listener: (...args: Signals[Name]) => unknown): () => void
  /** One that throws is reported; the others are called all the same. */
  emit<Name extends keyof Signals>(name: Name, ...args: Signals[Name]): void
}

/** One list for all names: a page has few listeners, and names with entity ids in them would collect in a map. */
export function createEmitter<Signals extends Record<string, readonly unknown[]>>(): Emitter<Signals> {
  // Replaced, never changed: a listener that is added while others are called waits for the next time.
  let entries: readonly { readonly name: keyof Signals; readonly listener: (...args: never) => unknown }[] = []
  return {
    on(name, listener) {
      const entry = { name, listener }
      entries = [...entries, entry]
      return () => {
        entries = entries.filter((other) => other !== entry)
      }
    },
    emit(name, ...args) {
      for (const entry of entries) {
        // Also not one that was taken off meanwhile.
        if (entry.name !== name || !entries.includes(entry)) continue
        try {
          // It was added under this name, so these are its arguments.
          entry.listener(...(args as never))
        } catch (error) {
          reportFailure(error)
        }
      }
    },
  }
}
