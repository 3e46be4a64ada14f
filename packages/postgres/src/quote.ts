import { TrunklineError } from '@trunkline/core'

/** PostgreSQL cuts longer names off without a word, and two deployments would then be one. */
const maxNameBytes = 63

/** A name as SQL takes it whatever it is made of: `"trunkline"`. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as an SQL literal. */
export function quoteText(text: string): string {
  // Without E'' a backslash is an ordinary character, given standard_conforming_strings (on since PostgreSQL 9.1).
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * A name of a schema or role that PostgreSQL keeps as it is.
 *
 * @throws {TrunklineError} `invalid_options`
 */
export function checkName(name: string, option: 'schema' | 'runtimeRole'): string {
  const bytes = Buffer.byteLength(name)
  const isUsable = bytes >= 1 && bytes <= maxNameBytes && !/[\u0000-\u001f\u007f]/.test(name)
  // PostgreSQL keeps pg_ for itself, and a $ could end the text of a function in which the schema's name stands.
  if (isUsable && (option !== 'schema' || !/^pg_|\$/.test(name))) return name
  const also = option === 'schema' ? ', not beginning with pg_ and without $' : ''
  throw new TrunklineError(
    'invalid_options',
    `${option} must be a name of 1 to ${maxNameBytes} bytes without control characters${also}, got ${JSON.stringify(name)}.`,
  )
}
