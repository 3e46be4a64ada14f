import type { ChatTrunkline } from './trunkline.ts'

/** How long a process waits for another one's tick before it ticks itself. */
const patienceMs = 700

/**
 * One process at a time ticks, without a leader or a lock: whoever ticked last goes on, the others hear it and wait. When it falls
 * silent, the first to lose patience takes over. Around such a change a second may tick twice, which a clock can afford.
 */
export function startClock(trunkline: ChatTrunkline, port: number, onError: (error: unknown) => void): () => void {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let isPublishing = false

  function schedule(delayMs: number): void {
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(() => void tick(), delayMs)
  }

  async function tick(): Promise<void> {
    // Hearing the tick sets the timer anew; this is for the tick that nobody hears, because the database is away.
    schedule(untilNextSecond() + patienceMs)
    if (isPublishing) return
    isPublishing = true
    try {
      await trunkline.publishGlobal({ type: 'clock', detail: { now: new Date().toISOString(), port }, store: false })
    } catch (error) {
      if (!stopped) onError(error)
    } finally {
      isPublishing = false
    }
  }

  const unsubscribe = trunkline.subscribe('clock', ({ detail }) => {
    schedule(detail.port === port ? untilNextSecond() : untilNextSecond() + patienceMs)
  })
  schedule(0)

  return () => {
    stopped = true
    clearTimeout(timer)
    unsubscribe()
  }
}

function untilNextSecond(): number {
  const left = 1_000 - (Date.now() % 1_000)
  // Timers may fire a moment early: that was this second's tick.
  return left < 50 ? left + 1_000 : left
}
