import type { Glimpse } from './client.ts'
import type { Published } from './published.ts'
import type { Cell } from './server.ts'
import { type ControlKind, type DialectKey, type Heard, type Spoken, spoken } from './spoken.ts'

/** What one client has heard of one stream. */
export class Story {
  readonly cell: Cell
  readonly client: string
  readonly dialect: DialectKey
  isOver = false
  /** How often it had read the beginning of a long frame. */
  halves = 0
  readonly #heard: Heard[] = []

  constructor(client: string, dialect: DialectKey) {
    this.client = client
    this.dialect = dialect
    this.cell = `${client}/${dialect}`
  }

  add({ told, isOver }: Glimpse): void {
    this.isOver = isOver
    for (const [name, data] of told) {
      if (name === 'half') this.halves++
      else this.#heard.push(spoken[this.dialect].read(name, data))
    }
  }

  /** What it cannot have been told. */
  get nonsense(): readonly Heard[] {
    return this.#heard.filter(({ kind }) => kind === 'nonsense')
  }

  has(number: number): boolean {
    return this.#heard.some((heard) => heard.kind === 'event' && heard.number === number)
  }

  /** The kinds of frames that its dialect has, and that it was not told of. */
  get untold(): readonly ControlKind[] {
    const { tells }: Spoken = spoken[this.dialect]
    return tells.filter((kind) => this.count(kind) === 0)
  }

  /** How many frames of a kind it was told of. */
  count(kind: ControlKind): number {
    return this.#heard.filter((heard) => heard.kind === kind).length
  }

  /** Null when exactly these came, in this order; else what was wrong. */
  compare(published: readonly Published[]): string | null {
    const numbers = published.map(({ number }) => number)
    const came = this.#heard.filter((heard) => heard.kind === 'event').filter(({ number }) => numbers.includes(number))
    const missing = published.filter(({ number }) => !this.has(number))
    if (missing.length > 0) return missing.length === published.length ? 'gets nothing' : 'loses an event'
    if (came.length > published.length) return 'has events twice'
    const isSame = published.every(
      ({ number, text }, index) => came[index]?.number === number && came[index].text === this.#shown(text),
    )
    return isSame ? null : 'changes events'
  }

  // HTML has one kind of line end.
  #shown(text: string): string {
    return this.dialect === 'htmx' ? text.replace(/\r\n?/g, '\n') : text
  }
}
