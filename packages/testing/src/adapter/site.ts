import type { Connectable, Stage, Trunkline, TrunklineOptions } from '@trunkline/core'

import { check, same, show } from '../assert.ts'
import { pause } from '../pause.ts'
import { OpenStream } from './open-stream.ts'
import type { AdapterHost, AdapterSetup, AskOptions } from './types.ts'
import type { Watch } from './watch.ts'

/** What a case wants otherwise than usual. */
export interface SiteOptions extends Partial<Omit<AdapterSetup, 'trunkline'>> {
  /** Options of the trunkline. */
  readonly server?: Omit<Partial<TrunklineOptions<{}, never, unknown>>, 'store' | 'notifier' | 'onError'>
  /** What stands between the trunkline and the adapter. */
  readonly through?: (trunkline: Connectable) => Connectable
}

/** A failure that went to onError. */
export interface SiteFailure {
  readonly error: unknown
  readonly stage: Stage
}

/** A refusal, read to its end. */
export interface Refusal {
  readonly status: number
  readonly error: unknown
  readonly headers: Headers
}

interface SiteParts {
  readonly trunkline: Trunkline
  readonly host: AdapterHost
  readonly path: string
  readonly failures: readonly SiteFailure[]
  readonly watch: Watch
  readonly signal: AbortSignal
}

/** One host with the adapter in it, and the trunkline behind it. */
export class Site {
  readonly trunkline: Trunkline
  readonly host: AdapterHost
  readonly failures: readonly SiteFailure[]
  readonly watch: Watch
  readonly #path: string
  readonly #signal: AbortSignal
  readonly #streams: OpenStream[] = []

  constructor({ trunkline, host, path, failures, watch, signal }: SiteParts) {
    this.trunkline = trunkline
    this.host = host
    this.failures = failures
    this.watch = watch
    this.#path = path
    this.#signal = signal
  }

  /** Asks for a path under the mount. */
  ask(path: string, options: AskOptions = {}): Promise<Response> {
    return this.host.ask(this.#path + path, { signal: this.#signal, ...options })
  }

  /** Asks for a path of the host, wherever the adapter is mounted. */
  askHost(path: string, options: AskOptions = {}): Promise<Response> {
    return this.host.ask(path, { signal: this.#signal, ...options })
  }

  /** The status and the text of an answer. */
  async answer(path: string, options: AskOptions = {}): Promise<readonly [status: number, text: string]> {
    const response = await this.ask(path, options)
    return [response.status, await response.text()]
  }

  /** A stream, once its headers have come. */
  async stream(path = '/sse', options: AskOptions = {}): Promise<OpenStream> {
    return this.reading(await this.ask(path, options), path)
  }

  /** The stream in an answer. */
  async reading(response: Response, path: string): Promise<OpenStream> {
    if (response.status !== 200) check(false, `${path}: got ${response.status} ${show(await response.text())}, wanted a stream.`)
    const stream = new OpenStream(response, this.#signal)
    this.#streams.push(stream)
    return stream
  }

  /** Asks for what is refused. */
  async refusal(path = '/sse', options: AskOptions = {}): Promise<Refusal> {
    const response = await this.ask(path, options)
    const { status, headers } = response
    const type = headers.get('content-type') ?? ''
    if (type.startsWith('text/event-stream')) {
      check(false, `${options.method ?? 'GET'} ${path}: got a stream with ${status}, wanted a refusal.`)
    }
    const text = await response.text()
    if (type !== 'application/json; charset=utf-8') {
      check(false, `${path}: got ${status} ${show(type)} ${show(text)}, wanted a refusal in JSON.`)
    }
    return { status, headers, error: (JSON.parse(text) as { readonly error: unknown }).error }
  }

  /** Fails unless there are so many connections within a second. */
  async connections(count: number): Promise<void> {
    const end = Date.now() + 1_000
    while (this.trunkline.stats().connections !== count) {
      const { connections } = this.trunkline.stats()
      check(Date.now() < end, `stats().connections: still ${connections} after a second, wanted ${count}.`)
      await pause(2)
    }
  }

  /** Fails unless exactly these stages were reported to onError. */
  reported(...stages: readonly Stage[]): void {
    same(
      'stages reported to onError',
      this.failures.map(({ stage }) => stage),
      stages,
    )
  }

  async dispose(): Promise<void> {
    for (const stream of this.#streams) stream.leave()
    await this.trunkline.stop({ graceMs: 0 })
    await this.host.dispose()
  }
}
