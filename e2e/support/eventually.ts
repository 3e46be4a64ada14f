/** Resolves with what `look` finds, as soon as that is neither false nor null nor undefined. Looks every few milliseconds. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  limitMs = 10_000,
): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + limitMs
  for (;;) {
    const found = await look()
    if (found !== false && found != null) return found as Exclude<T, false | null | undefined>
    if (performance.now() > end) throw new Error(`Not within ${limitMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
