import { TrunklineError } from '@trunkline/core'
import { CompiledQuery } from 'kysely'

import { codeOf, toTrunklineError } from './errors.ts'
import type { Statement } from './outbox-insert.ts'
import type { CompiledQueryLike, KyselyTransactionLike, PostgresJsTransactionLike, QueryFunction } from './types.ts'

/** Something that runs a statement in a caller's transaction. */
type Execute = (statement: Statement) => PromiseLike<unknown>

const wanted =
  'Pass a Kysely transaction, what sql.begin of postgres.js hands out, or, for pg, Drizzle, Prisma and others, a function that runs one statement in your transaction: (sql, parameters) => client.query(sql, [...parameters])'

/**
 * Sends a statement in a caller's transaction, in the same tick as the call: a postgres.js transaction that is used after its commit
 * runs statements outside of it, without an error. Resolves with the transaction's id, or null when the caller's function hands out no rows.
 *
 * @throws {TrunklineError} `invalid_transaction`, before anything is sent
 */
export function executeIn(transaction: unknown, schema: string, statement: Statement): Promise<string | null> {
  const execute = executorOf(transaction)
  const sent = execute(statement)
  if (typeof (sent as Partial<PromiseLike<unknown>> | undefined)?.then !== 'function') return refuseAnswer(sent)
  // PromiseLike: postgres.js sends a query when it is first asked for its outcome, so that is done here and now.
  return new Promise((resolve, reject) => {
    sent.then(
      (result) => resolve(xidIn(result)),
      (error: unknown) => reject(toTransactionError(error, schema)),
    )
  })
}

function executorOf(transaction: unknown): Execute {
  if (isKysely(transaction)) {
    if (transaction.isTransaction) return (statement) => transaction.executeQuery(toKyselyQuery(statement))
    return refuse('got a Kysely that is not in a transaction')
  }
  if (isPostgresJs(transaction)) {
    if ('begin' in transaction) return refuse('got a postgres.js instance that is not in a transaction')
    // What reserve() hands out: nothing tells whether a transaction was begun on it.
    if (!('savepoint' in transaction)) return refuse('got a reserved connection of postgres.js')
    // Prepared where the instance prepares its own statements: planning is half of what the INSERT takes.
    return ({ text, parameters }) => transaction.unsafe(text, [...parameters] as unknown as never[], { prepare: true })
  }
  if (typeof transaction === 'function') return ({ text, parameters }) => (transaction as QueryFunction)(text, parameters)
  return refuse(`got ${describe(transaction)}`)
}

function isKysely(value: unknown): value is Omit<KyselyTransactionLike, 'isTransaction'> & { readonly isTransaction: boolean } {
  return typeof value === 'object' && value !== null && 'isTransaction' in value && 'executeQuery' in value
}

function isPostgresJs(value: unknown): value is PostgresJsTransactionLike {
  return typeof value === 'function' && 'unsafe' in value
}

function toKyselyQuery({ text, parameters }: Statement): CompiledQueryLike {
  // The type keeps Kysely's own out of our API; the value is one.
  return CompiledQuery.raw(text, [...parameters]) as unknown as CompiledQueryLike
}

function refuse(got: string): never {
  throw new TrunklineError('invalid_transaction', `transaction must be a transaction, ${got}. ${wanted}.`)
}

/** It may have sent the statement, but nobody can tell whether it arrived before the commit. */
function refuseAnswer(answer: unknown): never {
  throw new TrunklineError(
    'invalid_transaction',
    `The function passed as transaction must return the promise of its query, got ${describe(answer)}. Is a return missing?`,
  )
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value == null ? String(value) : `a ${typeof value}`
  const name = (value.constructor as { readonly name?: string } | undefined)?.name
  return name === undefined || name === 'Object' ? 'an object' : `an object of class ${name}`
}

/** Rows come as a list, under `rows`, or (Sequelize) as a list beside another; some functions give only a count. */
function xidIn(result: unknown): string | null {
  const rows: unknown = typeof result === 'object' && result !== null && 'rows' in result ? result.rows : result
  const [first] = Array.isArray(rows) ? (rows as readonly unknown[]) : []
  if (Array.isArray(first)) return xidIn(first)
  const xid = typeof first === 'object' && first !== null ? (first as { readonly xid?: unknown }).xid : undefined
  return /^\d+$/.test(String(xid)) ? String(xid) : null
}

function toTransactionError(error: unknown, schema: string): TrunklineError {
  if (codeOf(error) !== '') return toTrunklineError(error, 'the server of this transaction', schema)
  const why = error instanceof Error ? error.message : String(error)
  const message = `The transaction did not take the event: ${why}. Await publish before the transaction ends.`
  return new TrunklineError('invalid_transaction', message, { cause: error })
}
