import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { Readable } from 'node:stream'
import { createParser } from 'eventsource-parser'

import type { Answer } from './stream-request.ts'

/** Something that came on a stream: an event, or a comment (a heartbeat, in some dialects). */
export interface Frame {
  readonly name: string
  readonly id: string | undefined
  readonly data: string
}

/** What belongs together comes within so many milliseconds. */
export const soonMs = 500

/** The frames of a stream, as they come. */
export class Frames {
  readonly #waiting: Frame[] = []
  #ended = false
  #wake: () => void = () => {}

  constructor(answer: Answer) {
    const parser = createParser({
      onEvent: ({ event = '', id, data }) => this.#take({ name: event, id, data }),
      onComment: (comment) => this.#take({ name: ':', id: undefined, data: comment }),
    })
    const text = plain(answer)
    text.setEncoding('utf8').on('data', (chunk: string) => parser.feed(chunk))
    for (const event of ['end', 'close', 'error']) text.on(event, () => this.#end())
  }

  /** The next frame within so many milliseconds; `late` when there was none, `ended` when there will be none. */
  async next(ms: number): Promise<Frame | 'late' | 'ended'> {
    for (const deadline = performance.now() + ms; ;) {
      const frame = this.#waiting.shift()
      if (frame !== undefined) return frame
      if (this.#ended) return 'ended'
      const left = deadline - performance.now()
      if (left <= 0) return 'late'
      await this.#woken(left)
    }
  }

  /** The first frame that is more than a comment, as padding is one; a comment, where nothing else comes soon. */
  async first(ms: number): Promise<Frame | 'late' | 'ended'> {
    const frame = await this.next(ms)
    if (typeof frame === 'string' || frame.name !== ':') return frame
    const second = await this.next(soonMs)
    return typeof second === 'string' ? frame : second
  }

  #woken(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #take(frame: Frame): void {
    this.#waiting.push(frame)
    this.#wake()
  }

  #end(): void {
    this.#ended = true
    this.#wake()
  }
}

/** What a proxy compressed is read as far as it was flushed, as browsers do. */
function plain({ headers, body }: Answer): Readable {
  switch (headers['content-encoding']) {
    case 'gzip':
      return decoded(body, createGunzip({ flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }))
    case 'deflate':
      return decoded(body, createInflate({ flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }))
    case 'br':
      return decoded(body, createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH }))
    default:
      return body
  }
}

function decoded(body: Readable, decoder: ReturnType<typeof createGunzip> | ReturnType<typeof createBrotliDecompress>): Readable {
  // A body that breaks off does not end its decoder by itself.
  for (const event of ['error', 'aborted', 'close']) body.on(event, () => decoder.destroy())
  return body.pipe(decoder)
}
