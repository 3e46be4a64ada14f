/** Whom an event is for, in the log's own word for it: everybody, the backend alone, a user, the readers of a channel. */
export type Audience = 'g' | 's' | `u:${string}` | `c:${string}`

/** One event of the traffic. Its name is nobody else's. */
export interface Item {
  readonly name: string
  readonly to: Audience
}

/** What an item's detail is: the name, and a text that a careless reader of bytes would spoil. */
export interface Detail {
  readonly name: string
  readonly text: string
  readonly padding?: string
}

/** In every detail. One to four bytes a character, and what lines and strings are made of. */
export const text = 'Ž 🐘 ☃ "quoted" \\ \r\n data: \u2028'

// Nobody here is eve, or reads the cellar: what is for them must not be seen by anyone.
const audiences: readonly Audience[] = [
  'g',
  'u:ann',
  'c:room',
  'u:ben',
  'g',
  'u:eve',
  'c:attic',
  's',
  'u:ann',
  'c:cellar',
  'u:cy',
]
const sizes = [1, 1, 3, 1, 5, 1, 2]

/** What a caller publishes in one call: one event or several, for this one and that. */
export function batchOf(caller: string, number: number): readonly Item[] {
  const size = sizes[number % sizes.length] as number
  return Array.from({ length: size }, (_, index) => ({
    name: nameOf(caller, number, index, size),
    to: audiences[(number + index) % audiences.length] as Audience,
  }))
}

/** So many events in one call, all for the same. */
export function batchFor(to: Audience, caller: string, number: number, size: number): readonly Item[] {
  return Array.from({ length: size }, (_, index) => ({ name: nameOf(caller, number, index, size), to }))
}

/** What a name says. Numbers of one caller count its calls; the call has `size` events. */
export interface Parsed {
  readonly caller: string
  readonly number: number
  readonly index: number
  readonly size: number
}

/** Reads a name. */
export function parseName(name: string): Parsed {
  const [caller = '', number, index, size] = name.split(/[./]/)
  return { caller, number: Number(number), index: Number(index), size: Number(size) }
}

function nameOf(caller: string, number: number, index: number, size: number): string {
  return `${caller}.${number}.${index}/${size}`
}
