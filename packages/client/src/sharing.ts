import type { Cancel } from './seams.ts'

/** What tabs of one browser share a connection by. */
export interface Sharing {
  /** Texts of other tabs on the channel of this name. */
  openBus(name: string, onText: (text: string) => void): { postMessage(text: string): void; close(): void }
  /**
   * Waits for a lock of the whole browser, or takes it from whoever has it, and holds it until it is given back or taken. `onLost` is
   * called when somebody has taken it.
   */
  lock(name: string, steal: boolean, onHeld: () => void, onLost: () => void): Cancel
}

/** Undefined outside of pages, and where the page has no locks: over plain HTTP, except from localhost. */
export function realSharing(): Sharing | undefined {
  const { window, navigator, BroadcastChannel } = globalThis
  // oxlint-disable-next-line typescript/no-unnecessary-condition -- missing in insecure contexts, whatever the types say
  if (!window || !navigator?.locks || !BroadcastChannel) return undefined
  return {
    openBus(name, onText) {
      const bus = new BroadcastChannel(name)
      bus.addEventListener('message', ({ data }) => onText(String(data)))
      return bus
    },
    lock(name, steal, onHeld, onLost) {
      const given = new AbortController()
      let release = (): void => {}
      navigator.locks
        .request(name, steal ? { steal } : { signal: given.signal }, () => {
          return new Promise<void>((resolve) => {
            release = resolve
            onHeld()
          })
        })
        .catch(() => {
          if (!given.signal.aborted) onLost()
        })
      return () => {
        given.abort()
        release()
      }
    },
  }
}
