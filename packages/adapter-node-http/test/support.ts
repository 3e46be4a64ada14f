import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type RequestOptions, type ServerResponse } from 'node:http'
import type { AddressInfo, Server } from 'node:net'

import { nodeAdapter } from '@trunkline/adapter-node-http'
import { type Connectable, createTrunkline, type ErrorContext, memory, type Trunkline } from '@trunkline/core'
import type { AdapterOptions } from '@trunkline/core/http'

type Options = Partial<AdapterOptions<IncomingMessage, unknown>>

/** A trunkline behind a real server of node:http. */
export interface Site extends AsyncDisposable {
  readonly trunkline: Trunkline
  readonly server: Server
  readonly origin: string
  /** What went to onError. */
  readonly failures: readonly { readonly error: unknown; readonly stage: ErrorContext['stage'] }[]
  /** The server's side of each request so far. */
  readonly responses: readonly ServerResponse[]
}

export async function startSite(options: Options = {}, connectable?: Connectable): Promise<Site> {
  const failures: { error: unknown; stage: ErrorContext['stage'] }[] = []
  const onError = (error: unknown, { stage }: ErrorContext): void => void failures.push({ error, stage })
  const trunkline = createTrunkline({ ...memory(), canRead: () => true, onError })
  const responses: ServerResponse[] = []
  const handler = nodeAdapter(connectable ?? trunkline, { identify: () => null, ...options })
  const server = createServer((req, res) => {
    responses.push(res)
    handler(req, res)
  })
  const { origin, stop } = await listen(server)
  return {
    trunkline,
    server,
    origin,
    failures,
    responses,
    async [Symbol.asyncDispose]() {
      await trunkline.stop()
      server.closeAllConnections()
      await stop()
    },
  }
}

/** Starts a server on a free port. */
export async function listen(server: Server): Promise<{ readonly origin: string; stop(): Promise<void> }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // not a pipe
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      server.close()
      await once(server, 'close')
    },
  }
}

/** A server-sent event as it came. */
export interface WireFrame {
  readonly event?: string
  readonly id?: string
  readonly data?: string
}

/** One answer, read only as far as a test reads it: until then it holds the server up. */
export class Answer {
  readonly response: IncomingMessage
  readonly frames: WireFrame[] = []
  /** Of the events among the frames. */
  readonly details: unknown[] = []
  readonly #read: Buffer[] = []
  readonly #chunks: AsyncIterator<Buffer>
  #rest = ''
  readonly #decoder = new TextDecoder()

  constructor(response: IncomingMessage) {
    this.response = response
    // A test that ends with the stream open cuts it off.
    response.on('error', () => {})
    this.#chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer> // no encoding was set
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#read)
  }

  get names(): readonly (string | undefined)[] {
    return this.frames.map(({ event }) => event)
  }

  /** Whether there was another chunk. */
  async readChunk(): Promise<boolean> {
    const { value, done } = await this.#chunks.next()
    if (done === true) return false
    this.#read.push(value)
    const frames = (this.#rest + this.#decoder.decode(value, { stream: true })).split('\n\n')
    this.#rest = frames.pop() ?? ''
    for (const frame of frames.map(parse)) {
      this.frames.push(frame)
      if (frame.event === undefined && frame.data !== undefined)
        this.details.push((JSON.parse(frame.data) as { detail: unknown }).detail)
    }
    return true
  }

  async until(condition: () => boolean): Promise<this> {
    while (!condition()) if (!(await this.readChunk())) throw new Error(`The stream ended after ${JSON.stringify(this.names)}`)
    return this
  }

  untilDetails(count: number): Promise<this> {
    return this.until(() => this.details.length >= count)
  }

  async untilEnd(): Promise<this> {
    while (await this.readChunk());
    return this
  }

  async text(): Promise<string> {
    return (await this.untilEnd()).bytes.toString()
  }

  /** Goes away without a word, as a closed tab does. */
  leave(): void {
    this.response.destroy()
  }
}

/** Asks a server, and resolves once it has answered with headers. */
export async function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  const asked = request(url, { agent: false, ...options }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return new Answer(response)
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
