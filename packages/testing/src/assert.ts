/** What a case rejects with when the implementation breaks its rule. */
export class ContractError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ContractError'
  }
}

/** Fails with a message unless the condition holds. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ContractError(message)
}

/** Fails unless two plain values are the same all the way down, and says where they first differ. */
export function same(what: string, got: unknown, wanted: unknown): void {
  const found = difference(got, wanted, what)
  if (found !== null) throw new ContractError(found)
}

/** A value for a message: as JSON, and not too long. */
export function show(value: unknown): string {
  const text = value === undefined ? 'undefined' : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 100)}… (${text.length} characters)` : text
}

function difference(got: unknown, wanted: unknown, path: string): string | null {
  if (Object.is(got, wanted)) return null
  if (Array.isArray(got) && Array.isArray(wanted)) return differenceOfLists(got, wanted, path)
  if (isObject(got) && isObject(wanted)) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(got)])) {
      const found = difference(got[key], wanted[key], `${path}.${key}`)
      if (found !== null) return found
    }
    return null
  }
  return `${path}: got ${show(got)}, wanted ${show(wanted)}.`
}

function differenceOfLists(got: readonly unknown[], wanted: readonly unknown[], path: string): string | null {
  for (let i = 0; i < Math.min(got.length, wanted.length); i++) {
    const found = difference(got[i], wanted[i], `${path}[${i}]`)
    if (found !== null) return found
  }
  if (got.length === wanted.length) return null
  const what =
    got.length > wanted.length ? `one too many is ${show(got[wanted.length])}` : `missing is ${show(wanted[got.length])}`
  return `${path}: got ${got.length} items, wanted ${wanted.length}; ${what}.`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
