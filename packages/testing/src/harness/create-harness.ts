import {
  type Catalogue,
  createTrunkline,
  type ErrorContext,
  type EventsOfCatalogue,
  memory,
  type Trunkline,
} from '@trunkline/core'

import { Arrivals } from './arrivals.ts'
import { Book } from './book.ts'
import { openClient } from './client.ts'
import { createClock } from './clock.ts'
import { expectationsOf } from './expect.ts'
import type { Arrived, Knowledge } from './explain.ts'
import { HarnessStore } from './harness-store.ts'
import type { HarnessTransaction } from './transaction.ts'
import type { Harness, HarnessClient, HarnessError, HarnessOptions } from './types.ts'

/** As core has it: said here so that the harness's clock can decide by it. */
const defaultRetention = { maxAgeMs: 86_400_000 }

/**
 * A deployment of Trunkline in memory for the test of an application: a trunkline to give to it, clients that read real streams, and a
 * clock. Nothing is mocked but the database. What it cannot show is what PostgreSQL does; for that there is `postgres()` and a database.
 *
 * Events published in a transaction arrive when it commits. A test that wraps each case in a transaction of its own and rolls that back
 * never sees one: see {@link Harness.transaction}.
 *
 * @example
 * await using harness = await createHarness({ events, canRead })
 * const client = await harness.connect({ userId: 7 })
 * await createApp(harness.trunkline).placeOrder({ userId: 7 })
 * await client.expectEvent('order_placed', { status: 'open' })
 */
export async function createHarness<const C extends Catalogue = {}, User = unknown>(
  options: HarnessOptions<C, User> = {},
): Promise<Harness<EventsOfCatalogue<C>, User>> {
  const { now: start = new Date(), ...settings } = options
  const retention = options.retention ?? defaultRetention
  const { store: log, notifier } = memory()
  const book = new Book()
  const errors: HarnessError[] = []
  const clock = createClock(start, async () => void (await trunkline.prune()))
  const store = new HarnessStore({
    log,
    book,
    now: () => clock.now(),
    maxAgeMs: retention === false ? undefined : retention.maxAgeMs,
    // What no process understands has it look at the log.
    wake: () => notifier.notify(''),
  })
  const trunkline = createTrunkline<C, HarnessTransaction, User>({
    ...settings,
    store,
    notifier,
    retention,
    onError: (error, context) => {
      errors.push({ error, ...context })
      pass(options, error, context)
    },
  })
  const typed = trunkline as unknown as Trunkline<EventsOfCatalogue<C>, HarnessTransaction, User>
  await trunkline.start()

  const arrivals = new Arrivals<Arrived>()
  trunkline.subscribe((event) => {
    if (event.cursor === undefined) book.writeLive(event)
    arrivals.add(event)
  })
  const knowledge: Knowledge = { book, errors }
  const clients: HarnessClient[] = []

  let isDisposed = false
  const backend = {
    arrivals,
    who: 'the backend',
    whyNot: () => 'onReceive dropped it, changed its type, or is not done with it',
    ended: () => (isDisposed ? 'the harness was disposed of' : null),
  }
  return {
    ...(expectationsOf(backend, knowledge) as unknown as Harness<EventsOfCatalogue<C>, User>),
    trunkline: typed,
    clock,
    errors,
    async connect(to = {}) {
      const client = await openClient(to, { trunkline, log, knowledge })
      clients.push(client)
      // What it reads is the wire: the catalogue says what may be on it.
      return client as unknown as HarnessClient<EventsOfCatalogue<C>>
    },
    transaction: (yours) => store.begin(yours),
    async [Symbol.asyncDispose]() {
      isDisposed = true
      await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()))
      await trunkline.stop({ graceMs: 0 })
      arrivals.end()
    },
  }
}

/** What core does with a failure that has no caller. */
function pass(
  { onError, logger }: Pick<HarnessOptions<Catalogue, never>, 'onError' | 'logger'>,
  error: unknown,
  context: ErrorContext,
): void {
  if (onError !== undefined) onError(error, context)
  else if (logger === undefined) console.error(`trunkline (${context.stage}):`, error)
}
