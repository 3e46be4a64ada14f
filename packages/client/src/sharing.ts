import type { Cancel } from './seams.ts'

/** What tabs of one browser share a connection by. */
export interface Sharing {
  /** Texts of other tabs on the channel of this name. */
  openBus(name: string, onText: (text: string) => void): { postMessage(text: string): void; close(): void }
  /**
   * Waits for a lock of the whole browser, or takes it from whoever has it, and holds it until it is given back or taken. `onLost` is
   * called when somebody has taken it, or when the page may have none.
   */
  lock(name: string, steal: boolean, onHeld: () => void, onLost?: () => void): Cancel
}

/** Undefined outside of pages, and where the page has no locks: over plain HTTP, except from localhost. */
export function realSharing(): Sharing | undefined {
  // Whatever has locks has channels.
  const locks: LockManager | undefined = globalThis.window?.navigator?.locks
  if (!locks) return undefined
  return {
    openBus(name, onText) {
      const bus = new BroadcastChannel(name)
      bus.addEventListener('message', ({ data }) => onText(data as string))
      return bus
    },
    lock(name, steal, onHeld, onLost) {
      const given = new AbortController()
      const { signal } = given
      locks
        .request(name, steal ? { steal } : { signal }, () => {
          return new Promise((release) => {
            signal.addEventListener('abort', release)
            onHeld()
          })
        })
        .catch(() => signal.aborted || onLost?.())
      return () => given.abort()
    },
  }
}
