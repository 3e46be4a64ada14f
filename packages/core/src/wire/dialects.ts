import { TrunklineError } from '../errors.ts'
import type { Dialect, DialectName } from './dialect.ts'
import { djangorealtimeDialect } from './djangorealtime-dialect.ts'
import { eventstreamDialect } from './eventstream-dialect.ts'
import { trunklineDialect } from './trunkline-dialect.ts'

const dialects: Readonly<Record<DialectName, Dialect>> = {
  trunkline: trunklineDialect,
  eventstream: eventstreamDialect,
  djangorealtime: djangorealtimeDialect,
}

/**
 * The dialect meant by a name, or the one given.
 *
 * @throws {TrunklineError} `invalid_options`
 */
export function resolveDialect(dialect: DialectName | Dialect = 'trunkline'): Dialect {
  if (typeof dialect === 'object') return dialect
  const known = Object.hasOwn(dialects, dialect) ? dialects[dialect] : undefined
  if (known !== undefined) return known
  const names = Object.keys(dialects).join(', ')
  throw new TrunklineError('invalid_options', `Dialect "${dialect}" is not known. Use one of ${names}, or pass your own.`)
}
