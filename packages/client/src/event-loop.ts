import type { TrunklineEvent } from '@trunkline/core'

import type { Dispatcher } from './dispatcher.ts'

/** How many events wait for a loop that is slower than they come. */
export const maxWaitingEvents = 10_000

/**
 * Events of one key as a loop takes them, from its first step until one of the signals is aborted; what had come by then is still
 * handed out. Past the bound it throws.
 */
export async function* eventLoop(
  dispatcher: Dispatcher,
  key: string,
  signals: readonly AbortSignal[],
): AsyncGenerator<TrunklineEvent> {
  const waiting: TrunklineEvent[] = []
  let wake = (): void => {}

  const stopListening = dispatcher.on(key, (_detail, event) => {
    if (waiting.push(event) > maxWaitingEvents) stopListening()
    wake()
  })
  const end = (): void => {
    stopListening()
    wake()
  }
  const left = new AbortController()
  // AbortSignal.any would do, but is younger than some browsers we serve.
  for (const signal of signals) signal.addEventListener('abort', end, left)

  try {
    for (;;) {
      if (waiting.length > maxWaitingEvents) {
        throw new Error(`events() fell ${maxWaitingEvents} events behind.`)
      }
      const event = waiting.shift()
      if (event) yield event
      else if (signals.some((signal) => signal.aborted)) return
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    stopListening()
    left.abort()
  }
}
