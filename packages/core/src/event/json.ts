import { TrunklineError } from '../errors.ts'

/**
 * The JSON text of a value. Refuses what JSON would lose without a word (NaN, functions, Map, undefined in a list, circles) and what it
 * cannot say (BigInt), naming the place. Dates and everything else with a `toJSON` are what it makes of them.
 *
 * @throws {TrunklineError} `invalid_detail`
 */
export function toJsonText(value: unknown, what: string): string {
  checkJson(value, what, [])
  return JSON.stringify(value)
}

function checkJson(value: unknown, path: string, within: readonly object[]): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return
    case 'number':
      if (!Number.isFinite(value)) refuse(path, String(value), 'JSON has no such number')
      return
    case 'bigint':
      return refuse(path, 'a BigInt', 'JSON has none: pass it as a string')
    case 'undefined':
      return refuse(path, 'undefined', 'pass null, or leave it out')
    case 'function':
    case 'symbol':
      return refuse(path, `a ${typeof value}`, 'JSON cannot carry it')
    default:
      if (value !== null) checkObject(value as object, path, within)
  }
}

function checkObject(value: object, path: string, within: readonly object[]): void {
  if (within.includes(value)) return refuse(path, 'an object inside itself', 'JSON cannot carry a circle')
  const inside = [...within, value]
  const { toJSON } = value as { readonly toJSON?: unknown }
  if (typeof toJSON === 'function') {
    const json: unknown = toJSON.call(value, '')
    return json === value ? undefined : checkJson(json, path, inside)
  }
  if (Array.isArray(value)) return value.forEach((item, index) => checkJson(item, `${path}[${index}]`, inside))
  const kind = Object.prototype.toString.call(value).slice(8, -1)
  if (kind !== 'Object') return refuse(path, `a ${kind}`, 'JSON would lose what is in it: pass plain objects and lists')
  for (const [key, item] of Object.entries(value)) {
    // An undefined property is simply not there, as in JSON.stringify.
    if (item !== undefined) checkJson(item, `${path}[${JSON.stringify(key)}]`, inside)
  }
}

function refuse(path: string, got: string, hint: string): never {
  throw new TrunklineError('invalid_detail', `${path} must be JSON, got ${got}: ${hint}.`)
}

/** Freezes a JSON value all the way down. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) deepFreeze(item)
    Object.freeze(value)
  }
  return value
}
