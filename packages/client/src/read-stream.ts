import { createParser } from 'eventsource-parser'

import type { Outcome } from './answer.ts'
import { type Frame, readFrame } from './frame.ts'

/** More than any event may have, since servers refuse those above 256 KiB unless they are told otherwise. */
const maxFrameBytes = 16 * 1_024 * 1_024

/**
 * Reads a stream's frames until it ends, or until `onFrame` says how it ended. Rejects when it breaks. A frame that was cut off is
 * forgotten: the server sends it again to who resumes before it. `onBytes` is called for each chunk, whatever is in it.
 */
export async function readStream(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
  onRetry: (ms: number) => void,
  onFrame: (frame: Frame) => Outcome | null,
): Promise<Outcome> {
  let outcome: Outcome | null = null
  let unfinished = 0
  const parser = createParser({
    onRetry,
    onEvent(message) {
      unfinished = 0
      const frame = outcome === null ? readFrame(message) : null
      if (frame !== null) outcome = onFrame(frame)
    },
  })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { because: 'stream ended' }
    onBytes()
    // Before it is parsed: what is in it may end a frame.
    if ((unfinished += value.length) > maxFrameBytes) outcome = { because: 'frame without end', minMs: 30_000 }
    parser.feed(decoder.decode(value, { stream: true }))
    if (outcome !== null) return outcome
  }
}
