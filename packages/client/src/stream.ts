import { type Outcome, refusalOf } from './answer.ts'
import { backoffMs } from './backoff.ts'
import { createPause } from './pause.ts'
import { readStream } from './read-stream.ts'
import type { Seams } from './seams.ts'
import type { Receiver, Source } from './source.ts'
import type { ClientOptions } from './types.ts'
import { createWatchdog } from './watchdog.ts'

/** What one stream needs to know. */
export interface StreamOptions {
  readonly url: string
  readonly headers?: ClientOptions['headers']
}

/**
 * A stream of this page's own, over fetch: EventSource hides the status, so that it cannot tell a login that ran out from a server
 * that restarts, and takes no headers. Comes back by itself, each time from where the receiver is then.
 */
export function startStream({ url, headers }: StreamOptions, receiver: Receiver, seams: Seams): Source {
  let isClosed = false
  let failures = 0
  /** What the server asked for with `retry:`, for the next attempt alone. */
  let askedMs = 0
  /** Ends the attempt that is under way. */
  let giveUp = (_because: string): void => {}

  const pause = createPause(seams)
  const watchdog = createWatchdog(seams, (ms) => giveUp(`silent for ${ms} ms`))
  const stopWaking = seams.onWake(() => {
    pause.wake()
    watchdog.check()
  })

  async function run(): Promise<void> {
    while (!isClosed) {
      receiver.onStatus({ status: 'connecting' })
      // A listener may have closed the client.
      if (isClosed) return
      const outcome = await attempt()
      if (isClosed) return
      if (outcome.stop !== undefined) {
        close()
        return receiver.onStatus({ status: 'stopped', reason: outcome.stop })
      }
      const minMs = Math.max(outcome.minMs ?? 0, askedMs)
      const delayMs = Math.max(backoffMs(++failures, seams.random), minMs)
      askedMs = 0
      const waited = pause.wait(delayMs, minMs)
      receiver.onStatus({ status: 'waiting', delayMs, attempt: failures, because: outcome.because })
      await waited
    }
  }

  /** Ends when the stream does, when it falls silent, or when the client is closed, whatever the page's own code is doing then. */
  function attempt(): Promise<Outcome> {
    const controller = new AbortController()
    return new Promise<Outcome>((resolve) => {
      giveUp = (because) => {
        // At once, so that not one frame more is handed out; it also lets go of the connection.
        controller.abort()
        resolve({ because })
      }
      watchdog.expect()
      open(controller.signal).then(resolve, (error: unknown) => giveUp(String(error)))
    }).finally(() => {
      watchdog.stop()
      controller.abort()
    })
  }

  async function open(signal: AbortSignal): Promise<Outcome> {
    const sent = new Headers(await headers?.())
    sent.set('accept', 'text/event-stream')
    const cursor = receiver.cursor()
    if (cursor !== '') sent.set('last-event-id', cursor)

    const response = await seams.fetch(url, { headers: sent, cache: 'no-store', signal })
    return (
      refusalOf(response, seams.now()) ??
      // A body is never null after GET; where it is (polyfills), the error is this attempt's end.
      readStream(
        response.body as ReadableStream<Uint8Array>,
        watchdog.heard,
        (ms) => (askedMs = ms),
        (frame) => {
          if (signal.aborted) return
          if (frame.kind === 'connected') watchdog.expect(frame.data.heartbeatMs)
          // Not at the answer's head: a server that only says goodbye has not let us in.
          failures = 0
          receiver.onFrame(frame)
        },
      )
    )
  }

  function close(): void {
    isClosed = true
    stopWaking()
    pause.end()
    giveUp('')
  }

  return { close, ended: run() }
}
