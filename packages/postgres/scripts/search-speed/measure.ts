/** What a search took, in milliseconds. */
export interface Measured {
  readonly medianMs: number
  readonly maxMs: number
  readonly found: string
}

const warmUps = 3
const rounds = 9

/** One after the other, as an administrator asks. */
export async function measure(run: () => Promise<string>): Promise<Measured> {
  let found = ''
  for (let round = 0; round < warmUps; round++) found = await run()
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    await run()
    times.push(performance.now() - began)
  }
  const sorted = times.toSorted((a, b) => a - b)
  return { medianMs: sorted[rounds >> 1] as number, maxMs: sorted.at(-1) as number, found }
}
