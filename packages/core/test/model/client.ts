import type { Trunkline } from '@trunkline/core'
import { expect } from 'vitest'

import { parseCursor } from '../../src/cursor.ts'
import { StreamReader } from '../support.ts'
import { ticks } from '../ticks.ts'

/** A client that keeps its cursor, drops what it has seen, and remembers what it was shown. */
export class Client {
  readonly userId: string | null
  /** Whether it may read the channel; asked by the server, and by itself before it connects. */
  readonly mayRead: (userId: string | null) => boolean
  /** Ids of events, in stretches: each reset begins a new one. */
  readonly shown: string[][] = [[]]
  /** The position from which on nothing may be missing; moved by a reset. */
  since = 0
  cursor: string | undefined
  /** Unstored events that came while it was connected: it is shown them, or a reset, unless it breaks off. */
  due: { readonly id: string; readonly resets: number }[] = []
  server: unknown
  #reader: StreamReader | undefined
  #taken = 0
  #pending: Promise<void> | undefined
  #close: () => void = () => {}

  constructor(userId: string | null, mayRead: (userId: string | null) => boolean) {
    this.userId = userId
    this.mayRead = mayRead
  }

  /** Whether its stream has ended, and it has seen that. */
  get isOver(): boolean {
    return this.#reader?.ended === true
  }

  async connect(trunkline: Pick<Trunkline, 'connect'>): Promise<void> {
    this.server = trunkline
    this.due = []
    this.#close()
    const stream = await trunkline.connect({
      userId: this.userId,
      channels: this.mayRead(this.userId) ? ['room'] : [],
      ...(this.cursor === undefined ? {} : { cursor: this.cursor }),
    })
    this.#close = () => stream.close()
    this.#reader = new StreamReader(stream)
    this.#taken = 0
    this.#pending = undefined
    await this.#reader.readChunk()
    this.#take()
  }

  /** Takes one chunk if there is one; a read that finds nothing stays open, as a socket's does. */
  async read(): Promise<void> {
    if (this.#reader === undefined || this.isOver) return
    this.#pending ??= this.#reader.readChunk().then(() => {
      this.#pending = undefined
    })
    await Promise.race([this.#pending, ticks()])
    this.#take()
  }

  expect(id: string): void {
    this.due.push({ id, resets: this.shown.length })
  }

  close(): void {
    this.#close()
  }

  #take(): void {
    const { frames } = this.#reader as StreamReader
    for (; this.#taken < frames.length; this.#taken++) {
      const { event, id, data } = frames[this.#taken] as (typeof frames)[number]
      if (event === 'reset') {
        this.shown.push([])
        this.since = parseCursor(id ?? '')?.position ?? 0
        this.cursor = id
        continue
      }
      if (event === 'connected' && this.cursor === undefined) this.since = parseCursor(id ?? '')?.position ?? 0
      const known = event === undefined && id !== undefined && this.cursor !== undefined && id <= this.cursor
      // An id that goes back would make a client that resumes see things twice.
      if (id !== undefined) {
        if (this.cursor !== undefined) expect(id >= this.cursor || event === 'connected').toBe(true)
        this.cursor = id
      }
      if (event === undefined) {
        expect(known).toBe(false)
        this.shown.at(-1)?.push((JSON.parse(data) as { id: string }).id)
      }
    }
  }
}
