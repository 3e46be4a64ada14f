import { TrunklineError } from '../errors.ts'
import { complaints, type Elsewhere } from '../known-keys.ts'

const known = ['transaction']

const inEvent = 'belongs to the event, the first argument'
const elsewhere: Elsewhere = {
  store: inEvent,
  idempotencyKey: inEvent,
  privateData: inEvent,
  skipUserIds: inEvent,
  detail: inEvent,
  channel: inEvent,
  userId: inEvent,
}

/**
 * The transaction to publish in; undefined when none was asked for. Whatever may have been meant as one and is not passed as one is
 * refused: the event would be published at once, and stay when the transaction rolls back.
 *
 * @throws {TrunklineError} `invalid_transaction`, `invalid_options`
 */
export function transactionOf(options: unknown): unknown {
  if (options === undefined) return undefined
  if (typeof options === 'function' || isInstance(options)) {
    throw new TrunklineError(
      'invalid_transaction',
      `The second argument of publish must be an object of options, got ${describe(options)}. If that is your transaction, pass it as { transaction }: publish(event, { transaction: tx }).`,
    )
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TrunklineError(
      'invalid_options',
      `The second argument of publish must be an object of options, such as { transaction }, got ${describe(options)}.`,
    )
  }
  const wrong = complaints('option', options, known, elsewhere)
  if (wrong.length > 0) throw new TrunklineError('invalid_options', `publish: ${wrong.join(' ')}`)
  const { transaction } = options as { readonly transaction?: unknown }
  if ('transaction' in options && transaction === undefined) {
    throw new TrunklineError(
      'invalid_transaction',
      'transaction is undefined: the event would be published at once, outside of any transaction. Pass the transaction, or leave the option out.',
    )
  }
  return transaction
}

/** An object of a class: a driver's transaction or client. Not by `Object.prototype`, for there are realms with another one. */
function isInstance(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype !== null && Object.getPrototypeOf(prototype) !== null
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value !== 'object') return `a ${typeof value}`
  return `an object of class ${value.constructor.name}`
}
