import { fetchAdapter } from '@trunkline/adapter-fetch'
import { type Connectable, createTrunkline, type ErrorContext, memory, type Trunkline } from '@trunkline/core'
import type { AdapterOptions } from '@trunkline/core/http'

/** A trunkline behind the adapter, without a server: requests are given to it directly. */
export interface Site extends AsyncDisposable {
  readonly trunkline: Trunkline
  /** What went to onError. */
  readonly failures: readonly { readonly error: unknown; readonly stage: ErrorContext['stage'] }[]
  ask(path: string, init?: RequestInit): Promise<Response>
}

export function createSite(options: Partial<AdapterOptions<Request, unknown>> = {}, connectable?: Connectable): Site {
  const failures: { error: unknown; stage: ErrorContext['stage'] }[] = []
  const onError = (error: unknown, { stage }: ErrorContext): void => void failures.push({ error, stage })
  const trunkline = createTrunkline({ ...memory(), canRead: () => true, onError })
  const handler = fetchAdapter(connectable ?? trunkline, { identify: () => null, ...options })
  return {
    trunkline,
    failures,
    ask: (path, init) => handler(new Request(new URL(path, 'https://example.org'), init)),
    [Symbol.asyncDispose]: () => trunkline.stop(),
  }
}

/** A server-sent event as it came. */
export interface WireFrame {
  readonly event?: string
  readonly id?: string
  readonly data?: string
}

/** Reads a stream, as far as a test wants it read. */
export class StreamReader {
  readonly frames: WireFrame[] = []
  /** Of the events among the frames. */
  readonly details: unknown[] = []
  readonly chunks: Uint8Array[] = []
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder = new TextDecoder()
  #rest = ''

  constructor({ status, body }: Response) {
    if (status !== 200 || body === null) throw new Error(`No stream but ${status}.`)
    this.#reader = body.getReader()
  }

  /** Whether there was another chunk. */
  async readChunk(): Promise<boolean> {
    const { value, done } = await this.#reader.read()
    if (done) return false
    this.chunks.push(value)
    const frames = (this.#rest + this.#decoder.decode(value, { stream: true })).split('\n\n')
    this.#rest = frames.pop() ?? ''
    for (const frame of frames.map(parse)) {
      this.frames.push(frame)
      if (frame.event === undefined && frame.data !== undefined)
        this.details.push((JSON.parse(frame.data) as { detail: unknown }).detail)
    }
    return true
  }

  async untilDetails(count: number): Promise<this> {
    while (this.details.length < count) {
      if (!(await this.readChunk())) throw new Error(`The stream ended after ${JSON.stringify(this.frames)}`)
    }
    return this
  }

  async untilEnd(): Promise<this> {
    while (await this.readChunk());
    return this
  }

  cancel(): Promise<void> {
    return this.#reader.cancel()
  }
}

/** Resolves when a condition holds. */
export async function eventually(condition: () => boolean, limitMs = 5_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Did not become true within ${limitMs} ms: ${condition.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function parse(frame: string): WireFrame {
  const fields = frame.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)])
  return Object.fromEntries(fields) as WireFrame
}
