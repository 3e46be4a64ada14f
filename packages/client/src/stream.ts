import { type Outcome, refusalOf } from './answer.ts'
import { backoffMs } from './backoff.ts'
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
  /** Whose stream it has to be. Left out: whoever the server says first. */
  readonly identity?: string | undefined | null
}

/**
 * A stream of this page's own, over fetch: EventSource hides the status, so that it cannot tell a login that ran out from a server
 * that restarts, and takes no headers. Comes back by itself, each time from where the receiver is then.
 */
export function startStream({ url, channels, ask, identity }: StreamOptions, receiver: Receiver, seams: Seams): Source {
  const { now, after } = seams
  let isClosed = false
  let failures = 0
  /** What the server asked for with `retry:`, for the next attempt alone. */
  let askedMs = 0
  /** Drops the attempt or the wait that is under way. */
  let drop = (): void => {}
  /** Ends the attempt, or the wait as early as may be. */
  let end = (_outcome: Outcome): void => {}
  let wake = (): void => {}

  const watchdog = createWatchdog(seams, (ms) => end({ because: `silent for ${ms} ms` }))
  const stopWaking = seams.onWake(() => {
    wake()
    watchdog.check()
  })

  function connect(): void {
    receiver.onStatus({ status: 'connecting' })
    refresh()
  }

  /** That it goes on from elsewhere is no news. */
  function refresh(): void {
    drop()
    // A listener may have closed the client.
    if (isClosed) return
    const controller = new AbortController()
    const { signal } = controller
    drop = () => {
      // At once, so that not one frame more is handed out; it also lets go of the connection.
      controller.abort()
      watchdog.stop()
    }
    // When the stream ends or falls silent, whatever the page's own code is doing then.
    end = (outcome) => {
      if (!signal.aborted) settle(outcome)
    }
    wake = () => {}
    watchdog.expect()
    open(signal).then(end, (error: unknown) => end({ because: String(error) }))
  }

  async function open(signal: AbortSignal): Promise<Outcome> {
    const response = await ask('GET', streamUrl(url, channels()), receiver.cursor(), signal)
    return (
      refusalOf(response, now()) ??
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
            if ((identity ??= frame.data.identity) !== frame.data.identity) return { stop: 'unauthorized' }
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

  function settle(outcome: Outcome): void {
    drop()
    if (outcome.stop) return receiver.onStatus({ status: 'stopped', reason: outcome.stop })
    const minMs = Math.max(outcome.minMs || 0, askedMs)
    const delayMs = Math.max(backoffMs(++failures, seams.random), minMs)
    const startedAt = now()
    askedMs = 0
    drop = after(delayMs, connect)
    wake = () => {
      drop()
      // Not before the server wants it. A clock that was set back must not make it longer.
      drop = after(Math.min(minMs, minMs - now() + startedAt), connect)
    }
    receiver.onStatus({ status: 'waiting', delayMs, attempt: failures, because: outcome.because })
  }

  function close(): void {
    isClosed = true
    stopWaking()
    drop()
  }

  connect()
  return { role: () => 'alone', refresh, close }
}
