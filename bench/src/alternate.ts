/** The values of every run, by side. */
export type Runs<Side extends string> = Readonly<Record<Side, readonly number[]>>

/**
 * Measures every side once, then every side again, and so on: what else the machine does in the meantime falls upon all of them, and a
 * run of one can be set against the run of another that stood next to it. Every other round goes backwards.
 */
export async function alternate<Side extends string>(
  sides: Readonly<Record<Side, () => Promise<number>>>,
  runs: number,
  progress: (what: string) => void,
): Promise<Runs<Side>> {
  const names = Object.keys(sides) as Side[]
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Side, number[]>
  for (let run = 0; run < runs; run++) {
    for (const name of run % 2 === 0 ? names : names.toReversed()) {
      progress(`run ${run + 1} of ${runs}: ${name}`)
      values[name].push(await sides[name]())
    }
  }
  return values
}
