/** Where a key belongs that is known, but not here. */
export type Elsewhere = Readonly<Record<string, string>>

/**
 * What to say of the keys of `given` that nobody reads, each with the name that was probably meant: an option that is silently ignored
 * is a mistake that shows much later. Empty when all are known.
 */
export function complaints(what: string, given: object, known: readonly string[], elsewhere: Elsewhere = {}): readonly string[] {
  return Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => complaint(what, key, known, elsewhere))
}

/** What to say of one key that is not known. */
export function complaint(what: string, key: string, known: readonly string[], elsewhere: Elsewhere = {}): string {
  const place = Object.hasOwn(elsewhere, key) ? elsewhere[key] : undefined
  if (place !== undefined) return `\`${key}\` ${place}.`
  const near = nearest(key, known)
  const hint = near === undefined ? `Known: ${known.join(', ')}.` : `Did you mean \`${near}\`?`
  return `Unknown ${what} \`${key}\`. ${hint}`
}

/** The name that a misspelt one was meant to be, if there is one: the shorter or longer form of it, or one with few letters changed. */
export function nearest(key: string, known: readonly string[]): string | undefined {
  const [wanted, ...names] = [key, ...known].map((name) => name.toLowerCase().replaceAll(/[_-]/g, ''))
  if (wanted === undefined || wanted === '') return undefined
  const distances = names.map((name) =>
    wanted.length > 2 && (name.startsWith(wanted) || wanted.startsWith(name)) ? 0.5 : distance(wanted, name),
  )
  const least = Math.min(...distances)
  return least <= Math.max(1, wanted.length / 3) ? known[distances.indexOf(least)] : undefined
}

/** Levenshtein's: how many letters have to be put in, taken out or changed. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [i, letter] of from.split('').entries()) {
    const next = [i + 1]
    for (let j = 1; j <= to.length; j++) {
      const changed = (row[j - 1] ?? 0) + (to[j - 1] === letter ? 0 : 1)
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
