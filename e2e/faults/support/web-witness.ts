import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

import type { Random } from '../../support/random.ts'
import { toEvent } from '../../support/stream-client.ts'
import { isAfter } from './cursors.ts'
import type { Detail } from './items.ts'
import { type Identity, Notes } from './notes.ts'
import type { Witness } from './witness.ts'

/** Who looks on, and how. */
export interface WitnessOptions extends Identity {
  /** Where it may connect, looked at each time it does. */
  readonly origins: readonly string[]
  readonly random: Random
  /** Its connection breaks again and again, at any byte. Defaults to false. */
  readonly isRestless?: boolean
  /** How long it takes over each chunk it reads. Defaults to 0. */
  readonly paceMs?: number
}

/**
 * A client on a real socket, written after docs/wire-protocol.md alone: it keeps the last cursor, comes back with it when its
 * connection breaks, drops what it has seen by comparing cursors, and notes everything else.
 */
export class WebWitness implements Witness {
  readonly notes: Notes
  visits = 0
  readonly #options: WitnessOptions
  readonly #living: Promise<void>
  #cursor: string | undefined
  #request: ClientRequest | undefined
  #presence: PromiseWithResolvers<void> | undefined
  #attention: PromiseWithResolvers<void> | undefined
  #isOver = false

  constructor(options: WitnessOptions) {
    this.notes = new Notes(options)
    this.notes.wasAway = (options.paceMs ?? 0) > 0
    this.#options = options
    this.#living = this.#live()
  }

  get isAwake(): boolean {
    return this.#presence === undefined && this.#attention === undefined
  }

  /** Breaks off, and does not come back before `wake`. */
  leave(): void {
    this.notes.wasAway = true
    this.#presence ??= Promise.withResolvers()
    this.#request?.destroy()
  }

  /** Keeps its connection and reads nothing before `wake`. */
  freeze(): void {
    this.notes.wasAway = true
    this.#attention ??= Promise.withResolvers()
  }

  wake(): void {
    this.#presence?.resolve()
    this.#attention?.resolve()
    this.#presence = undefined
    this.#attention = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.wake()
    this.#request?.destroy()
    await this.#living
  }

  async #live(): Promise<void> {
    while (!this.#isOver) {
      // The network being the network is no trouble.
      await this.#visit().catch(() => {})
      await pause(this.#options.random.between(1, 50))
      await this.#presence?.promise
    }
  }

  async #visit(): Promise<void> {
    const { isRestless = false, paceMs = 0, random } = this.#options
    const response = await this.#ask()
    if (response.statusCode !== 200) {
      if (response.statusCode !== 503) this.notes.troubles.push(`${response.statusCode} ${response.statusMessage}`)
      response.destroy()
      return
    }
    this.visits++
    const decoder = new TextDecoder()
    const parser = createParser({ onEvent: (frame) => this.#take(frame) })
    let left = isRestless ? random.between(0, 6_000) : Infinity
    for await (const chunk of response as AsyncIterable<Buffer>) {
      parser.feed(decoder.decode(chunk.subarray(0, left), { stream: true }))
      left -= chunk.length
      if (left <= 0 || this.#isOver) break
      if (paceMs > 0) await pause(paceMs)
      await this.#attention?.promise
    }
  }

  async #ask(): Promise<IncomingMessage> {
    const { userId, channels = [], origins, random } = this.#options
    const query = new URLSearchParams(channels.map((channel) => ['channel', channel]))
    const asked = request(`${origins[random.between(0, origins.length - 1)]}/realtime/sse?${query}`, {
      agent: false,
      headers: {
        ...(userId !== null && { 'x-user': userId }),
        ...(this.#cursor !== undefined && { 'last-event-id': this.#cursor }),
      },
    })
    // Breaks that come after the answer end the reading of it.
    asked.on('error', () => {})
    this.#request = asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    return response
  }

  #take(frame: EventSourceMessage): void {
    const { event, id, data } = frame
    if (event === 'reset') {
      this.notes.reset((JSON.parse(data) as { readonly reason: string }).reason, id)
      this.#cursor = id
    } else if (id !== undefined && isAfter(id, this.#cursor)) {
      this.notes.start(id)
      this.#cursor = id
      if (event === undefined) this.notes.see(toEvent(frame).detail as Detail, id)
    }
  }
}
