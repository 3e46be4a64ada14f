import { type Outcome, refusalOf } from './answer.ts'
import { backoffMs } from './backoff.ts'
import { createPause } from './pause.ts'
import { readStream } from './read-stream.ts'
import type { Seams } from './seams.ts'
import type { Receiver, Source } from './source.ts'
import { streamUrl } from './stream-url.ts'
import { createWatchdog } from './watchdog.ts'

/** Asks the server, with the headers of the page; `cursor` is where a stream is resumed. */
export type Ask = (method: 'GET' | 'HEAD' | 'POST', url: string, cursor?: string, signal?: AbortSignal) => Promise<Response>

/** What one stream needs to know. */
export interface StreamOptions {
  /** Without its channels. */
  readonly url: string
  /** Asked at every attempt. */
  readonly channels: () => readonly string[]
  readonly ask: Ask
  /** Whose stream it has to be. Left out: whoever the server says, at each attempt anew. */
  readonly identity?: string | undefined
}

/**
 * A stream of this page's own, over fetch: EventSource hides the status, so that it cannot tell a login that ran out from a server
 * that restarts, and takes no headers. Comes back by itself, each time from where the receiver is then.
 */
export function startStream({ url, channels, ask, identity }: StreamOptions, receiver: Receiver, seams: Seams): Source {
  let isClosed = false
  let failures = 0
  /** What the server asked for with `retry:`, for the next attempt alone. */
  let askedMs = 0
  let isRefreshing = false
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
      // That it goes on elsewhere is no news.
      if (!isRefreshing) receiver.onStatus({ status: 'connecting' })
      isRefreshing = false
      // A listener may have closed the client.
      if (isClosed) return
      const outcome = await attempt()
      if (isClosed) return
      if (isRefreshing) continue
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
    const cursor = receiver.cursor()
    const response = await ask('GET', streamUrl(url, channels()), cursor, signal)
    return (
      refusalOf(response, seams.now()) ??
      // A body is never null after GET; where it is (polyfills), the error is this attempt's end.
      readStream(
        response.body as ReadableStream<Uint8Array>,
        watchdog.heard,
        (ms) => (askedMs = ms),
        (frame) => {
          if (signal.aborted) return null
          if (frame.kind === 'goodbye') return { because: `goodbye: ${frame.data.reason}` }
          if (frame.kind === 'connected') {
            // Somebody else has logged in: nothing of theirs belongs into a page that was made for another.
            if (identity !== undefined && identity !== frame.data.identity) return { stop: 'unauthorized' }
            watchdog.expect(frame.data.heartbeatMs)
          }
          // Not at the answer's head: a server that only says goodbye has not let us in.
          failures = 0
          receiver.onFrame(frame)
          return null
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

  function refresh(): void {
    isRefreshing = true
    pause.end()
    giveUp('')
  }

  void run()
  return { role: 'alone', refresh, close }
}
