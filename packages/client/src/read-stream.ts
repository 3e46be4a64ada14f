import { createParser } from 'eventsource-parser'

import type { Outcome } from './answer.ts'
import { readFrame, type StreamedFrame } from './frame.ts'

/** More than any event may have, since servers refuse those above 256 KiB unless they are told otherwise. */
const maxFrameCharacters = 16 * 1_024 * 1_024

/**
 * Reads a stream's frames until it ends or says goodbye. Rejects when it breaks. A frame that was cut off is forgotten: the server
 * sends it again to who resumes before it. `onBytes` is called for each chunk, whatever is in it.
 */
export async function readStream(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
  onRetry: (ms: number) => void,
  onFrame: (frame: StreamedFrame) => void,
): Promise<Outcome> {
  let outcome: Outcome | null = null
  const parser = createParser({
    maxBufferSize: maxFrameCharacters,
    onRetry,
    onEvent(message) {
      const frame = outcome === null ? readFrame(message) : null
      if (frame?.kind === 'goodbye') outcome = { because: `goodbye: ${frame.data.reason}` }
      else if (frame !== null) onFrame(frame)
    },
    onError({ type, message }) {
      // The other errors are lines that the specification says to ignore. This one would come again at once: no hurry.
      if (type === 'max-buffer-size-exceeded') outcome = { because: message, minMs: 30_000 }
    },
  })

  // The parser takes off the one byte order mark that the format allows; the decoder would take another.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { because: 'stream ended' }
    onBytes()
    parser.feed(decoder.decode(value, { stream: true }))
    if (outcome !== null) return outcome
  }
}
