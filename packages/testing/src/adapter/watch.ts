import type { Connectable } from '@trunkline/core'

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
      const next = connection.next.bind(connection)
      return Object.assign(connection, {
        async next() {
          const result = await next()
          watch.takenBytes += result.value?.length ?? 0
          return result
        },
      })
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
