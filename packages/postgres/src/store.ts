import type { Archive, NewEvent, Placed, Store } from '@trunkline/core'
import { sql } from 'kysely'

import { Appender } from './append.ts'
import { createArchive } from './archive.ts'
import type { Deployment } from './deployment.ts'
import { OutboxInsert } from './outbox-insert.ts'
import { readBounds, readPage } from './read-page.ts'
import type { RelayDriver } from './relay-driver.ts'
import { executeIn } from './transaction.ts'
import type { PostgresTransaction } from './types.ts'

/** The log in PostgreSQL, as core wants it. */
export function createStore(
  deployment: Deployment,
  relay: RelayDriver,
): Store<PostgresTransaction> & { readonly archive: Archive } {
  const appender = new Appender(deployment)
  const insert = new OutboxInsert(deployment.schema)

  // Not async up to the INSERT: it leaves in the tick of the call.
  const appendIn = async (events: readonly NewEvent[], transaction: PostgresTransaction): Promise<readonly Placed[]> => {
    if (events.length === 0) return []
    const xid = await executeIn(transaction, deployment.schema, insert.of(events))
    // Without an id the sweeps find it.
    if (xid !== null) relay.watch(xid)
    return events.map(({ id, idempotencyKey }) => ({ position: null, id, duplicate: idempotencyKey === null ? false : null }))
  }

  return {
    notifiesOnAppend: true,
    append: (events, { transaction }) => (transaction === undefined ? appender.append(events) : appendIn(events, transaction)),
    read: (query) => readPage(deployment, query),
    bounds: () => readBounds(deployment),
    async prune({ before, keep, limit }) {
      const { gone } = await deployment.one(
        sql<{ readonly gone: string }>`
          select ${deployment.name('prune')}(
            ${before ?? null}::text::timestamptz, ${keep === undefined ? null : String(keep)}::text::bigint, ${String(limit)}::text::bigint
          )::text as gone`,
        { timeoutMs: deployment.timings.searchMs },
      )
      return Number(gone)
    },
    async close() {
      await appender.drain()
      await relay.close()
      await deployment.pool.close()
    },
    archive: createArchive(deployment),
  }
}
