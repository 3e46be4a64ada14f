/** Stands once in every event and nowhere else on the wire, so that counting events is looking for one byte, however they are cut. */
export const marker = '|'

/** What is published: about `size` bytes of JSON, with its number and the marker. */
export interface Detail {
  readonly n: number
  readonly text: string
}

export function detailOf(n: number, size = 100): Detail {
  const empty = JSON.stringify({ n, text: marker }).length
  return { n, text: marker + 'x'.repeat(Math.max(0, size - empty)) }
}
