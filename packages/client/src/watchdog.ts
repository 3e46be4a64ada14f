import type { Cancel, Seams } from './seams.ts'

/** Notices that a stream has died without a word: a network that is gone closes no connection. */
export interface Watchdog {
  /** Watches from now on. `heartbeatMs` is how often the server speaks; 0: it does not promise to. */
  expect(heartbeatMs?: number): void
  /** Something was heard. */
  heard(): void
  /** Looks at the clock: timers stand still while a machine sleeps. */
  check(): void
  stop(): void
}

/** What servers do when they say nothing else; also the patience for the first answer. */
const defaultHeartbeatMs = 15_000
const heartbeatsMissed = 2.5

export function createWatchdog({ now, after }: Pick<Seams, 'now' | 'after'>, onSilence: (silentMs: number) => void): Watchdog {
  let limitMs = Infinity
  let heardAt = 0
  let stop: Cancel = () => {}

  const silent = (): void => onSilence(limitMs)
  const heard = (): void => {
    heardAt = now()
    stop()
    stop = after(limitMs, silent)
  }
  return {
    expect(heartbeatMs = defaultHeartbeatMs) {
      limitMs = heartbeatsMissed * heartbeatMs || Infinity
      heard()
    },
    heard,
    check() {
      if (now() - heardAt >= limitMs) silent()
    },
    stop: () => stop(),
  }
}
