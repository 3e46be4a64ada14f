import type { Connectable, Connection } from '@trunkline/core'

/** What an adapter has done with its connections so far. */
export interface Watch {
  /** Bytes that it has taken from them. */
  takenBytes: number
}

/** The trunkline as an adapter gets it: the same, but watched. */
export function watched(connectable: Connectable, watch: Watch): Connectable {
  return {
    async connect(options) {
      const connection = await connectable.connect(options)
      const note = (result: IteratorResult<Uint8Array, undefined>): typeof result => {
        watch.takenBytes += result.value?.length ?? 0
        return result
      }
      const { onNext } = connection
      return {
        ...wrapped(connection),
        next: async () => note(await connection.next()),
        ...(onNext && { onNext: (receive) => onNext.call(connection, (result) => receive(note(result))) }),
      }
    },
    authorize: async (options) => connectable.authorize?.(options),
    get hookTimeoutMs() {
      return connectable.hookTimeoutMs ?? 5_000
    },
    get tracking() {
      return connectable.tracking === true
    },
    acknowledge: async (acknowledgement) => (await connectable.acknowledge?.(acknowledgement)) ?? { count: 0 },
    report: (error, context) => connectable.report?.(error, context),
  }
}

/** A connection that does what another does, to be changed: without `onNext`, so `next` is all that it is read by. */
export function wrapped(connection: Connection): Connection {
  return {
    id: connection.id,
    closed: connection.closed,
    next: () => connection.next(),
    return: async () => (await connection.return?.()) ?? { value: undefined, done: true },
    close: () => connection.close(),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
