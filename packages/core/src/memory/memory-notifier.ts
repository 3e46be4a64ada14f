import type { ListenHandlers, Notifier, Stop } from '../ports.ts'

/** A Notifier within one process: what is said is heard in a later task, as over a socket. */
export class MemoryNotifier implements Notifier {
  readonly #listeners = new Set<ListenHandlers>()

  async notify(payload: string): Promise<void> {
    const listeners = [...this.#listeners]
    await Promise.resolve()
    for (const listener of listeners) if (this.#listeners.has(listener)) listener.onPayload(payload)
  }

  listen(handlers: ListenHandlers): Stop {
    // A listener of its own, so that the same handlers may listen twice.
    const listener = { ...handlers }
    queueMicrotask(() => {
      if (stopped) return
      this.#listeners.add(listener)
      handlers.onListening()
    })
    let stopped = false
    return async () => {
      stopped = true
      this.#listeners.delete(listener)
    }
  }
}
