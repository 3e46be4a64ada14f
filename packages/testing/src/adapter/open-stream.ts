import { check, ContractError, show } from '../assert.ts'

/** A server-sent event as it came. */
export interface WireFrame {
  readonly event?: string
  readonly id?: string
  readonly data?: string
}

/** A stream, read only as far as a case reads it. */
export class OpenStream {
  readonly headers: Headers
  readonly frames: WireFrame[] = []
  /** Read so far. */
  bytes = 0
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #signal: AbortSignal
  readonly #decoder = new TextDecoder()
  #rest = ''

  constructor({ headers, body }: Response, signal: AbortSignal) {
    check(body !== null, 'A stream has no body.')
    this.headers = headers
    this.#reader = body.getReader()
    this.#signal = signal
  }

  /** Details of the events that came, in their order. */
  get details(): readonly unknown[] {
    return this.frames.flatMap(({ event, data }) =>
      event === undefined && data !== undefined ? [(parseJson(data) as { readonly detail: unknown }).detail] : [],
    )
  }

  /** Names of the frames that came; events of the default dialect have none. */
  get names(): readonly (string | undefined)[] {
    return this.frames.map(({ event }) => event)
  }

  /** The place of the last frame that had one. */
  get cursor(): string {
    return this.frames.findLast(({ id }) => id !== undefined)?.id ?? ''
  }

  /** Whether there was another chunk. */
  async read(): Promise<boolean> {
    try {
      return await this.#readOn()
    } catch (error) {
      this.#signal.throwIfAborted()
      throw new ContractError(`The stream broke off (${String(error)}), after ${show(this.frames)}.`)
    }
  }

  async #readOn(): Promise<boolean> {
    this.#signal.throwIfAborted()
    const { value, done } = await this.#reader.read()
    if (done) return false
    this.bytes += value.length
    const frames = (this.#rest + this.#decoder.decode(value, { stream: true })).split('\n\n')
    this.#rest = frames.pop() ?? ''
    this.frames.push(...frames.map(parse))
    return true
  }

  /** Reads until a frame has come of which this holds, and gives it. */
  async until(wanted: string, holds: (frame: WireFrame) => boolean): Promise<WireFrame> {
    for (let looked = 0; ;) {
      for (; looked < this.frames.length; looked++) {
        const frame = this.frames[looked]
        if (frame !== undefined && holds(frame)) return frame
      }
      if (!(await this.read())) throw new ContractError(`The stream ended before ${wanted}, after ${show(this.frames)}.`)
    }
  }

  /** Reads until a frame of this name has come. */
  untilNamed(name: string): Promise<WireFrame> {
    return this.until(`a frame "${name}"`, ({ event }) => event === name)
  }

  /** Reads until so many events have come. */
  async untilEvents(count: number): Promise<this> {
    let seen = 0
    await this.until(`event ${count}`, ({ event, data }) => event === undefined && data !== undefined && ++seen === count)
    return this
  }

  /** Reads to the end. A stream that breaks off has ended too. */
  async untilEnd(): Promise<this> {
    try {
      while (await this.#readOn());
    } catch {
      this.#signal.throwIfAborted()
    }
    return this
  }

  /** Goes away without a word, as a closed tab does. */
  leave(): void {
    // One that has broken off cannot be cancelled, and need not be.
    this.#reader.cancel().catch(() => {})
  }
}

function parseJson(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    throw new ContractError(`The data of a frame is no JSON: ${show(data)}.`)
  }
}

function parse(frame: string): WireFrame {
  const fields = new Map<string, string>()
  for (const line of frame.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (name !== '') fields.set(name, name === 'data' && fields.has(name) ? `${fields.get(name)}\n${value}` : value)
  }
  return Object.fromEntries(fields) as WireFrame
}
