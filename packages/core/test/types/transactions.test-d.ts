import { createTrunkline, memory } from '@trunkline/core'
import type { ControlledTransaction, Kysely, Transaction } from 'kysely'
import type { ReservedSql, Sql, TransactionSql } from 'postgres'
import { test } from 'vitest'

import { trunkline } from './catalogue.ts'

interface Tables {
  readonly page: { readonly id: number }
}

declare const db: Kysely<Tables>
declare const kysely: Transaction<Tables>
declare const controlled: ControlledTransaction<Tables>
declare const sql: Sql
declare const reserved: ReservedSql
declare const client: { query(text: string, values: unknown[]): Promise<{ rows: unknown[] }> }

const tick = { userId: 1, type: 'tick' } as const

test('a Kysely transaction of any kind will do', () => {
  void db.transaction().execute((transaction) => trunkline.publish(tick, { transaction }))
  void trunkline.publish(tick, { transaction: kysely })
  void trunkline.publish(tick, { transaction: controlled })
  void trunkline.publish(tick, { transaction: kysely.withSchema('other') })
})

test('what sql.begin of postgres.js hands out will do, savepoints and typed instances too', () => {
  void sql.begin(async (transaction) => {
    await trunkline.publish(tick, { transaction })
    await transaction.savepoint((savepoint) => trunkline.publish(tick, { transaction: savepoint }))
  })
  void sql.begin('isolation level serializable', (transaction) =>
    trunkline.publishMany([{ scope: 'global', type: 'tick' }], { transaction }),
  )
  const typed = {} as TransactionSql<{ bigint: bigint }>
  void trunkline.publish(tick, { transaction: typed })
})

test('a function that runs one statement will do: pg, Drizzle, Prisma', () => {
  void trunkline.publish(tick, { transaction: (text, parameters) => client.query(text, [...parameters]) })
  const prisma = {} as { $queryRawUnsafe<T = unknown>(query: string, ...values: unknown[]): PromiseLike<T> }
  void trunkline.publish(tick, { transaction: (text, parameters) => prisma.$queryRawUnsafe(text, ...parameters) })
})

test('all ways to publish take a transaction', () => {
  void trunkline.publishGlobal({ type: 'tick' }, { transaction: kysely })
  void trunkline.publishSystem({ type: 'tick' }, { transaction: kysely })
  void trunkline.publishToChannel({ channel: 'c', type: 'tick' }, { transaction: kysely })
})

test('what is no transaction is refused', () => {
  const typed = {} as Sql<{ bigint: bigint }>
  // @ts-expect-error a Kysely that is not in a transaction
  void trunkline.publish(tick, { transaction: db })
  // @ts-expect-error nor is one with a schema
  void trunkline.publish(tick, { transaction: db.withSchema('other') })
  // @ts-expect-error a postgres.js instance that is not in a transaction
  void trunkline.publish(tick, { transaction: sql })
  // @ts-expect-error nor is a typed one
  void trunkline.publish(tick, { transaction: typed })
  // @ts-expect-error a reserved connection is no transaction either
  void trunkline.publish(tick, { transaction: reserved })
  // @ts-expect-error an object of some driver: pass a function that runs one statement on it
  void trunkline.publish(tick, { transaction: client })
})

test('memory() has no transactions', () => {
  const open = createTrunkline({ ...memory() })
  // @ts-expect-error nothing is one
  void open.publish({ userId: 1, type: 'x' }, { transaction: kysely })
})
