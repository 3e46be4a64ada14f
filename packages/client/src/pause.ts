import type { Seams } from './seams.ts'

/** A wait that can end early. One at a time. */
export interface Pause {
  /** Resolves after `ms`. `wake` ends it earlier, yet never before `minMs`: that is what the server asked for. */
  wait(ms: number, minMs: number): Promise<void>
  wake(): void
  /** Ends it now. */
  end(): void
}

export function createPause({ now, after }: Pick<Seams, 'now' | 'after'>): Pause {
  let endAfter = (_minMs: number): void => {}
  let minMs = 0
  let startedAt = 0
  return {
    wait(ms, atLeastMs) {
      minMs = atLeastMs
      startedAt = now()
      return new Promise<void>((resolve) => {
        let cancel = after(ms, resolve)
        // Once the wait is over this does nothing.
        endAfter = (restMs) => {
          cancel()
          if (restMs > 0) cancel = after(restMs, resolve)
          else resolve()
        }
      })
    },
    // A clock that was set back must not make it longer.
    wake: () => endAfter(Math.min(minMs, minMs - now() + startedAt)),
    end: () => endAfter(0),
  }
}
