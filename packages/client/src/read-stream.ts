import { createParser } from 'eventsource-parser'

import type { Outcome } from './answer.ts'
import { type Frame, readFrame } from './frame.ts'

/** More than any event may have, since servers refuse those above 256 KiB unless they are told otherwise. */
const maxFrameBytes = 16 * 1_024 * 1_024

/** In a burst, what has arrived is read in pieces, and the page has its turn after so long. */
const pieceBytes = 20_000
const taskMs = 10

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
      const frame = outcome ? null : readFrame(message)
      if (frame) outcome = onFrame(frame)
    },
  })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let startedAt = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { because: 'ended' }
    onBytes()
    // Before it is parsed: what is in it may end a frame.
    if ((unfinished += value.length) > maxFrameBytes) outcome = { because: 'endless frame', minMs: 30_000 }
    for (let from = 0; from < value.length; from += pieceBytes) {
      parser.feed(decoder.decode(value.subarray(from, from + pieceBytes), { stream: true }))
      if (outcome) return outcome
      if (Date.now() - startedAt > taskMs) {
        await nextTask()
        startedAt = Date.now()
      }
    }
  }
}

/** Lets the page do what it has to do. A timer would be slowed down in a hidden tab. */
function nextTask(): Promise<unknown> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it also starts the port
    port1.onmessage = () => resolve(port1.close())
    port2.postMessage(0)
  })
}
