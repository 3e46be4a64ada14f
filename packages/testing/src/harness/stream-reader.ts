import type { CloseReason } from '@trunkline/core'
import { createParser } from 'eventsource-parser'

import { Arrivals } from './arrivals.ts'
import type { ByteSource } from './byte-source.ts'
import { after } from './timers.ts'
import type { ReceivedEvent, ReceivedFrame, ReceivedReset } from './types.ts'

/** How long a stream may take to begin, in milliseconds. */
const openingLimitMs = 2_000

/** Reads a stream to its end, and keeps what it says: frames through a parser that is not Trunkline's own. */
export class StreamReader {
  readonly arrivals: Arrivals<ReceivedEvent> = new Arrivals()
  readonly frames: ReceivedFrame[] = []
  readonly resets: ReceivedReset[] = []
  readonly closed: Promise<CloseReason>
  /** Why it ended; null while it goes on. */
  ended: CloseReason | null = null
  cursor = ''
  readonly #source: ByteSource
  readonly #opened = Promise.withResolvers<void>()
  #goodbye: CloseReason | undefined
  #isClosed = false

  constructor(source: ByteSource) {
    this.#source = source
    this.closed = this.#readAll()
  }

  /** Resolves when the stream has begun. Rejects when it does not, or is none of the default dialect. */
  async opened(): Promise<void> {
    const { promise, resolve } = this.#opened
    let isLate = false
    const cancel = after(openingLimitMs, () => {
      isLate = true
      resolve()
    })
    await promise.finally(cancel)
    const [first] = this.frames
    if (first?.event === 'connected') return
    this.close()
    if (isLate) throw new Error(`The stream had not begun within ${openingLimitMs} ms.`)
    const got = first === undefined ? 'ended at once' : `begins with ${JSON.stringify(first)}`
    throw new Error(`The stream ${got}. A client of the harness reads the dialect "trunkline", which begins with "connected".`)
  }

  close(): void {
    this.#isClosed = true
    this.#source.close()
  }

  async #readAll(): Promise<CloseReason> {
    const parser = createParser({ onEvent: (frame) => this.#take(frame) })
    const decoder = new TextDecoder()
    try {
      for (let chunk = await this.#source.read(); chunk !== undefined; chunk = await this.#source.read()) {
        parser.feed(decoder.decode(chunk, { stream: true }))
        if (this.frames.length > 0) this.#opened.resolve()
      }
    } catch {
      // It broke off, or went on with what is no event: without a goodbye, which is how a client knows.
      this.#source.close()
    }
    this.ended = this.#goodbye ?? (this.#isClosed ? 'client' : 'error')
    this.arrivals.end()
    this.#opened.resolve()
    return this.ended
  }

  #take({ event, id, data }: ReceivedFrame): void {
    this.frames.push({ event, id, data })
    // A reset that has no place takes the one before.
    if (id !== undefined || event === 'reset') this.cursor = id ?? ''
    if (event === undefined) {
      this.arrivals.add({ ...(JSON.parse(data) as ReceivedEvent), ...(id === undefined ? {} : { cursor: id }) })
    } else if (event === 'reset') this.resets.push(JSON.parse(data) as ReceivedReset)
    else if (event === 'goodbye') this.#goodbye = (JSON.parse(data) as { readonly reason: CloseReason }).reason
  }
}
